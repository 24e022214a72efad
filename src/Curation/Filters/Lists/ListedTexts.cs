using System.Text;

namespace Sightline.Curation;

/// <summary>A line of a list, and where it stands, for messages.</summary>
/// <param name="Text">Without blanks at its ends.</param>
/// <param name="Place">Such as <c>hosts.txt, line 7</c>.</param>
internal readonly record struct ListedText(string Text, string Place);

/// <summary>Reads the lists that recipes give filters: inline, and in a file of UTF-8 with one entry a line, blank lines left out.</summary>
internal static class ListedTexts
{
    /// <param name="arguments">The filter's.</param>
    /// <param name="inline">The parameter that holds entries.</param>
    /// <param name="file">The parameter that names a file, seen from the recipe's folder.</param>
    /// <exception cref="RecipeException">The file cannot be read, or is no UTF-8.</exception>
    internal static IEnumerable<ListedText> Read(FilterArguments arguments, string inline, string file)
    {
        foreach (var entry in arguments.Texts(inline))
        {
            if (!string.IsNullOrWhiteSpace(entry))
            {
                yield return new ListedText(entry.Trim(), inline);
            }
        }

        if (arguments.File(file) is not { } path)
        {
            yield break;
        }

        using var reader = Open(arguments, file, path);
        for (var number = 1; ReadLine(arguments, reader, path, number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return new ListedText(line.Trim(), $"{path}, line {number}");
            }
        }
    }

    private static StreamReader Open(FilterArguments arguments, string parameter, string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw arguments.Fault($"{parameter}: {path} cannot be read: {e.Message}");
        }
    }

    private static string? ReadLine(FilterArguments arguments, StreamReader reader, string path, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw arguments.Fault($"{path} is no UTF-8 near line {number}.");
        }
        catch (IOException e)
        {
            throw arguments.Fault($"{path} cannot be read after line {number - 1}: {e.Message}");
        }
    }
}
