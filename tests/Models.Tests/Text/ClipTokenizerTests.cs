using System.Text.Json;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Text;

public sealed class ClipTokenizerTests
{
    private static readonly string Bundled = Path.Combine(Repository.Root, "models", "sightline-clip-0");

    [SharedFact]
    public void All_reference_texts_get_the_reference_ids()
    {
        var tokenizer = ClipTokenizer.TryLoad(SharedData.PathOf("golden", "clip-tokenizer"))!;
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(SharedData.PathOf("golden", "clip-tokenizer", "cases.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            int[] expected = [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32())];
            var ids = tokenizer.Encode(text, 77);
            count++;
            if (!ids.SequenceEqual(expected))
            {
                wrong.Add($"{JsonSerializer.Serialize(text)}: {string.Join(' ', ids)} instead of {string.Join(' ', expected)}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(count >= 1500, $"only {count} cases were read");
    }

    [Theory]
    [InlineData("a dog running on the beach", new[] { 8012, 320, 666, 1110, 547, 579, 1445, 8013 })]
    [InlineData("  A   Dog\trunning\non the BEACH ", new[] { 8012, 320, 666, 1110, 547, 579, 1445, 8013 })]
    [InlineData("собака в шляпе", new[] { 8012, 7832, 1295, 704, 1599, 557, 760, 8013 })]
    [InlineData("", new[] { 8012, 8013 })]
    public void The_bundled_vocabulary_gives_known_ids(string text, int[] expected) =>
        Assert.Equal(expected, ClipTokenizer.TryLoad(Bundled)!.Encode(text, 32));

    [Fact]
    public void A_text_longer_than_the_context_is_cut_and_still_ends()
    {
        var tokenizer = ClipTokenizer.TryLoad(Bundled)!;

        var ids = tokenizer.Encode(string.Join(' ', Enumerable.Repeat("dog", 10_000)), 32);

        Assert.Equal(32, ids.Length);
        Assert.Equal(tokenizer.EndToken, ids[^1]);
        Assert.Single(ids, tokenizer.EndToken);
    }

    [Fact]
    public void The_same_vocabulary_in_one_tokenizer_json_gives_the_same_ids()
    {
        using var folder = new TemporaryFolder();
        var vocab = File.ReadAllText(Path.Combine(Bundled, "vocab.json"));
        var merges = File.ReadLines(Path.Combine(Bundled, "merges.txt")).Where(l => l.Length > 0 && !l.StartsWith("#version", StringComparison.Ordinal));
        File.WriteAllText(folder.PathOf("tokenizer.json"),
            $$$"""{"model": {"vocab": {{{vocab}}}, "merges": {{{JsonSerializer.Serialize(merges.Select(m => m.Split(' ')))}}} } }""");

        Assert.Equal(
            ClipTokenizer.TryLoad(Bundled)!.Encode("two red hearts, it's 3 o'clock 🐕 été", 32),
            ClipTokenizer.TryLoad(folder.Path)!.Encode("two red hearts, it's 3 o'clock 🐕 été", 32));
    }

    [Fact]
    public void Half_a_surrogate_pair_does_no_harm()
    {
        var ids = ClipTokenizer.TryLoad(Bundled)!.Encode("dog \ud83d cat", 32);

        Assert.Equal([666], ids[1..2]);
        Assert.True(ids.Length > 4);
    }

    [Theory]
    [InlineData("vocab.json", "{}")]
    [InlineData("vocab.json", "[1, 2]")]
    [InlineData("vocab.json", "{\"a\": ")]
    [InlineData("merges.txt", "#version: 0.2\nq\n")]
    [InlineData("merges.txt", "#version: 0.2\nnever heard\n")]
    public void A_damaged_vocabulary_is_named(string file, string content)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Bundled, "vocab.json"), folder.PathOf("vocab.json"));
        File.Copy(Path.Combine(Bundled, "merges.txt"), folder.PathOf("merges.txt"));
        File.WriteAllText(folder.PathOf(file), content);

        var refused = Assert.Throws<ModelFormatException>(() => ClipTokenizer.TryLoad(folder.Path));

        Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
    }
}
