using System.IO.Compression;

namespace Sightline.Bench;

/// <summary>Texts of known language, a kind at a time: sentences, word pairs, single words.</summary>
/// <param name="Kinds">Kind, then language, then texts.</param>
public sealed record LanguageTestSet(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Kinds)
{
    public const string Sentences = "sentences";
    public const string WordPairs = "word-pairs";
    public const string SingleWords = "single-words";

    private const string Folder = "langid_test/";

    /// <summary>Reads <c>langid_test/KIND/LANGUAGE.txt</c>, a text a line, out of a zip.</summary>
    /// <exception cref="InvalidDataException">The zip has no such file.</exception>
    public static LanguageTestSet Read(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        var kinds = archive.Entries.Where(IsText).GroupBy(entry => entry.FullName.Split('/')[1])
            .ToDictionary(kind => kind.Key, kind => (IReadOnlyDictionary<string, IReadOnlyList<string>>)kind
                .ToDictionary(entry => Path.GetFileNameWithoutExtension(entry.Name), ReadLines));
        return kinds.Count > 0 ? new LanguageTestSet(kinds) : throw new InvalidDataException($"{zip} has no {Folder}.");
    }

    private static bool IsText(ZipArchiveEntry entry) =>
        entry.FullName.StartsWith(Folder, StringComparison.Ordinal) && entry.Name.EndsWith(".txt", StringComparison.Ordinal);

    private static IReadOnlyList<string> ReadLines(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
