using System.Security.Cryptography;
using Sightline.Indexer.Demo;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Demo;

public sealed class DemoSetTests
{
    [Fact]
    public void The_same_seed_draws_the_same_files_and_another_seed_others()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, seed) in new[] { ("a", 1), ("b", 1), ("c", 2) })
        {
            DemoSet.Draw(30, folder.PathOf(name), seed, new Progress<int>(), default);
        }

        Assert.Equal(Hashes(folder.PathOf("a")), Hashes(folder.PathOf("b")));
        Assert.NotEqual(Hashes(folder.PathOf("a")), Hashes(folder.PathOf("c")));
    }

    [Fact]
    public void Every_picture_decodes_and_has_its_caption_beside_it_and_in_the_table()
    {
        using var folder = new TemporaryFolder();
        DemoSet.Draw(40, folder.Path, 5, new Progress<int>(), default);
        var table = File.ReadLines(folder.PathOf("captions.tsv")).Skip(1).Select(l => l.Split('\t')).ToDictionary(l => l[0], l => l[1]);

        Assert.Equal(40, table.Count);
        Assert.All(table, row =>
        {
            Assert.True(ImageDecoder.TryDecode(folder.PathOf(row.Key), new DecodeOptions(), out var image, out var fault), fault?.Detail);
            Assert.True(image!.Pixels.Pixels.Distinct().Count() > 2);
            Assert.Equal(row.Value, File.ReadAllText(Path.ChangeExtension(folder.PathOf(row.Key), ".txt")).Trim());
        });
    }

    [Fact]
    public void A_larger_set_begins_with_the_smaller_one_and_leaves_its_files_alone()
    {
        using var folder = new TemporaryFolder();
        DemoSet.Draw(5, folder.Path, 1, new Progress<int>(), default);
        var first = Directory.GetFiles(folder.Path, "*.jpg").ToDictionary(f => f, File.GetLastWriteTimeUtc);
        DemoSet.Draw(9, folder.Path, 1, new Progress<int>(), default);

        Assert.All(first, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
        Assert.Equal(9, Directory.GetFiles(folder.Path, "*.txt").Length);
    }

    private static List<string> Hashes(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(f => Path.GetFileName(f) + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))))];
}
