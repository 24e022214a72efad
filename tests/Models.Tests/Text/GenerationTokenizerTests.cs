using Sightline.Models.Text;
using Sightline.Models.Weights;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Text;

/// <summary>DALL-E mini's and ruDALL-E's tokenizers on small vocabularies whose ids are worked out by hand.</summary>
public sealed class GenerationTokenizerTests : IDisposable
{
    private const string Vocabulary = """
        {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "Ġ": 4, "a": 5, "b": 6, "c": 7, "Ġa": 8, "ab": 9, "Ġab": 10, "cc": 11}
        """;

    private const string Merges = "#version: 0.2\nĠ a\nĠa b\na b\nc c\nz z\n\n";

    private const string Yttm = """
        4 2
        9601 4
        97 5
        98 6
        1076 7
        4 5 8
        5 6 9
        1 0 2 3
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ab", new[] { 0, 10, 2 })]
    [InlineData("AB b", new[] { 0, 10, 4, 6, 2 })]
    [InlineData("bab", new[] { 0, 4, 6, 9, 2 })]
    [InlineData("  a   a ", new[] { 0, 8, 8, 2 })]
    [InlineData("ccc", new[] { 0, 4, 11, 7, 2 })]
    [InlineData("", new[] { 0, 2 })]
    [InlineData("a\tb", new[] { 0, 8, 3, 6, 2 })] // split at spaces only; a tab is unknown
    [InlineData("azz", new[] { 0, 8, 3, 2 })] // merged, but not in the vocabulary
    [InlineData("áab 犬 🐶a", new[] { 0, 10, 8, 2 })] // what is not ASCII is left out
    public void DallE_mini_s_ids(string text, int[] expected) => Assert.Equal(expected, LoadMinDalle().Encode(text, 64));

    [Theory]
    [InlineData("ab", new[] { 2, 8, 6, 3 })]
    [InlineData("  Ab \n ba ", new[] { 2, 8, 6, 4, 6, 5, 3 })]
    [InlineData("bab", new[] { 2, 4, 6, 9, 3 })]
    [InlineData("Даxyzb", new[] { 2, 4, 7, 1, 6, 3 })] // Cyrillic a, x, y and z are unknown: one token
    [InlineData("犬 🐶", new[] { 2, 4, 1, 4, 1, 3 })]
    [InlineData("", new[] { 2, 3 })]
    public void RuDallE_s_ids(string text, int[] expected) => Assert.Equal(expected, LoadYttm(Yttm).Encode(text, 64));

    [Fact]
    public void Long_texts_are_cut_and_still_end()
    {
        foreach (var text in new[] { string.Concat(Enumerable.Repeat("ab ", 3_000)), new string('a', 10_000), new string('犬', 10_000) })
        {
            foreach (var ids in new[] { LoadMinDalle().Encode(text, 16), LoadYttm(Yttm).Encode(text, 16) })
            {
                Assert.InRange(ids.Length, 2, 16);
                Assert.True(ids[^1] is 2 or 3);
            }
        }

        Assert.Equal(16, LoadMinDalle().Encode(new string('a', 10_000), 16).Length);
        Assert.Equal(16, LoadYttm(Yttm).Encode(new string('a', 10_000), 16).Length);
    }

    [Theory]
    [InlineData("{}", Merges, "has no <s>")]
    [InlineData("[1]", Merges, "no vocabulary")]
    [InlineData(Vocabulary, "header\na b c\n", "\"a b c\" is no pair")]
    public void A_damaged_vocabulary_of_DallE_mini_is_refused(string vocabulary, string merges, string problem)
    {
        var refused = Assert.Throws<ModelFormatException>(() => LoadMinDalle(vocabulary, merges));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ends early")]
    [InlineData("1 0\n97 5", "ends early")]
    [InlineData("1 0\n97\n1 0 2 3", "is not 2 numbers")]
    [InlineData("1 0\n97 x\n1 0 2 3", "no vocabulary of YouTokenToMe")]
    [InlineData("2 0\n97 5\n97 6\n1 0 2 3", "no vocabulary of YouTokenToMe")]
    [InlineData("1 0\n97 99999999999\n1 0 2 3", "no vocabulary of YouTokenToMe")]
    public void A_damaged_vocabulary_of_RuDallE_is_refused(string content, string problem)
    {
        var refused = Assert.Throws<ModelFormatException>(() => LoadYttm(content));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains("bpe.model", refused.Message, StringComparison.Ordinal);
    }

    private MinDalleTokenizer LoadMinDalle(string vocabulary = Vocabulary, string merges = Merges)
    {
        File.WriteAllText(_folder.PathOf("vocab.json"), vocabulary);
        File.WriteAllText(_folder.PathOf("merges.txt"), merges);
        return MinDalleTokenizer.Load(_folder.PathOf("vocab.json"), _folder.PathOf("merges.txt"));
    }

    private YttmTokenizer LoadYttm(string content)
    {
        File.WriteAllText(_folder.PathOf("bpe.model"), content);
        return YttmTokenizer.Load(_folder.PathOf("bpe.model"));
    }
}
