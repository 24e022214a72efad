using System.Text;

namespace Sightline.Training.Data;

/// <summary>A text with the names of columns in braces, such as <c>a photo of a {label}</c>; <c>{{</c> and <c>}}</c> are braces
/// themselves.</summary>
internal sealed record RowTemplate(string Text, IReadOnlyList<string> Parts)
{
    /// <summary>Names of columns: every second part, from the second on.</summary>
    internal IEnumerable<string> Columns => Parts.Where((_, i) => i % 2 == 1).Distinct();

    internal static RowTemplate Parse(string text, Func<string, Exception> wrong)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && parts.Count % 2 == 0 && i + 1 < text.Length && text[i + 1] == c)
            {
                part.Append(c);
                i++;
            }
            else if (c is '{' or '}')
            {
                if ((c == '{') != (parts.Count % 2 == 0) || (c == '}' && part.Length == 0))
                {
                    throw wrong($"has a brace too many, or none for a column, in {text}");
                }

                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return parts.Count % 2 == 1 ? new RowTemplate(text, parts) : throw wrong($"has a brace that is not closed in {text}");
    }

    /// <summary>The text with values in the places of names; null where one is empty or missing.</summary>
    internal string? Fill(Func<string, string?> valueOf)
    {
        var text = new StringBuilder();
        for (var i = 0; i < Parts.Count; i++)
        {
            var part = i % 2 == 0 ? Parts[i] : valueOf(Parts[i]);
            if (i % 2 == 1 && string.IsNullOrEmpty(part))
            {
                return null;
            }

            text.Append(part);
        }

        return text.ToString();
    }
}
