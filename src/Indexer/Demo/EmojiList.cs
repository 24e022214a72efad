using System.Globalization;

namespace Sightline.Indexer.Demo;

/// <summary>An emoji and its English name (Unicode CLDR short name).</summary>
public sealed record Emoji(string Text, string Name);

/// <summary>The pictorial emoji of Unicode's emoji-test.txt: things, animals, food, places; no flags, letters, signs or skin
/// tones.</summary>
public static class EmojiList
{
    /// <summary>From Debian's package unicode-data.</summary>
    public const string DefaultPath = "/usr/share/unicode/emoji/emoji-test.txt";

    private static readonly HashSet<string> Groups = ["Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"];

    // Signs drawn as pictures: a model cannot tell one clock face or moon phase from the next, and neither can a person.
    private static readonly string[] Unpictorial = ["o’clock", "-thirty", " button", "bookmark tabs", "keycap", "postal", "chart",
        "card index", "input"];

    /// <exception cref="FileNotFoundException">Names the package to install.</exception>
    public static IReadOnlyList<Emoji> Read(string path = DefaultPath)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The names of emoji are not at {path}: apt-get install unicode-data fonts-noto-color-emoji");
        }

        var emoji = new List<Emoji>();
        var group = "";
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("# group: ", StringComparison.Ordinal))
            {
                group = line["# group: ".Length..].Trim();
            }
            else if (Groups.Contains(group) && line.Contains("; fully-qualified", StringComparison.Ordinal) && Parse(line) is { } parsed)
            {
                emoji.Add(parsed);
            }
        }

        return emoji;
    }

    // 1F436 ; fully-qualified # 🐶 E0.6 dog face
    private static Emoji? Parse(string line)
    {
        int[] points = [.. line[..line.IndexOf(';', StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => int.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        var words = line[(line.IndexOf('#', StringComparison.Ordinal) + 2)..].Split(' ', 3);
        var version = double.Parse(words[1].AsSpan(1), CultureInfo.InvariantCulture);
        return points.Count(p => p != 0xfe0f) == 1 && version <= 13
            && !Array.Exists(Unpictorial, u => words[2].Contains(u, StringComparison.Ordinal))
            ? new Emoji(string.Concat(points.Select(char.ConvertFromUtf32)), words[2])
            : null;
    }
}
