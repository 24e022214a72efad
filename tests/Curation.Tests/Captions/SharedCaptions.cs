using System.IO.Compression;
using System.Text;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

/// <summary>Texts of the reference data, by line from 1, and the verdicts of tests/Golden on some of them.</summary>
internal static class SharedCaptions
{
    private static readonly Lazy<string[]> Cc3m = new(() => [.. ReadLines("cc3m_validation.tsv").Select(line => line.Split('\t')[0])]);

    /// <summary>Conceptual Captions, validation.</summary>
    internal static string[] All => Cc3m.Value;

    /// <param name="language">ISO 639-1.</param>
    internal static string[] Sentences(string language) => ReadLines($"langid_test/sentences/{language}.txt");

    /// <summary>The fields of each row.</summary>
    internal static IEnumerable<string[]> Verdicts(string file) => File
        .ReadLines(Path.Combine(Repository.Root, "tests", "Golden", file))
        .Where(line => !line.StartsWith('#'))
        .Skip(1)
        .Select(line => line.Split('\t'));

    private static string[] ReadLines(string entry)
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "curation.zip"));
        using var reader = new StreamReader(zip.GetEntry(entry)!.Open(), Encoding.UTF8);
        return reader.ReadToEnd().Split('\n');
    }
}
