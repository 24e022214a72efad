using System.Diagnostics;
using Sightline.Models.Text;
using Sightline.TestKit;
using Sightline.Training.Tokenizer;

namespace Sightline.Training.Tests.Tokenizer;

public sealed class TokenizerTrainerTests
{
    private static readonly string[] Captions =
    [
        "A dog runs over the green grass, the dog's tail up.", "Two dogs are running; a third one sleeps (2024)!",
        "一只狗在草地上跑,两只狗在睡觉。",
        "Ein Hund läuft über die grüne Wiese", "aaaaaaa aaaa abababab", "<|endoftext|> 😀😀 😀",
    ];

    [Theory]
    [InlineData(0, 2)]
    [InlineData(40, 2)]
    [InlineData(1_000, 1)]
    public void Merges_are_those_of_counting_everything_anew(int merges, int least)
    {
        using var folder = new TemporaryFolder();
        var trained = TokenizerTrainer.Train(Captions, new TokenizerSettings(merges, least), folder.Path, CancellationToken.None);
        var expected = BruteForce(Captions.SelectMany(ClipTokenizer.Words), merges, least);

        Assert.Equal(expected, File.ReadAllLines(folder.PathOf("merges.txt")).Skip(1));
        Assert.Equal(expected.Count, trained.Merges);
        Assert.Equal(Captions.Length, trained.Captions);
    }

    [Fact]
    public void What_it_writes_is_read_and_words_seen_often_are_one_token()
    {
        using var folder = new TemporaryFolder();
        var trained = TokenizerTrainer.Train(
            [.. Captions, .. Enumerable.Repeat("dog 狗", 50)], new TokenizerSettings(300), folder.Path, CancellationToken.None);
        var tokenizer = ClipTokenizer.TryLoad(folder.Path)!;

        Assert.Equal(trained.VocabularySize, tokenizer.VocabularySize);
        Assert.Equal(trained.VocabularySize - 1, tokenizer.EndToken);
        Assert.Equal([trained.VocabularySize - 2, tokenizer.EndToken], tokenizer.Encode("", 8));
        Assert.Equal(3, tokenizer.Encode("Dog", 8).Length);
        Assert.Equal(3, tokenizer.Encode("狗", 8).Length);

        // Bytes that were never seen have their symbols all the same.
        Assert.Equal(2 + 6, tokenizer.Encode("ЖЖЖ", 20).Length);
    }

    [Fact]
    public void Tens_of_thousands_of_words_are_learned_in_seconds()
    {
        var random = new Random(3);
        string[] syllables = [.. Enumerable.Range(0, 400).Select(_ =>
            new string([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (char)random.Next('a', 'z' + 1))]))];
        var captions = Enumerable.Range(0, 5_000).Select(_ => string.Join(' ', Enumerable.Range(0, 10).Select(_ =>
            string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => syllables[random.Next(400)])))));
        using var folder = new TemporaryFolder();
        var started = Stopwatch.GetTimestamp();
        var trained = TokenizerTrainer.Train(captions, new TokenizerSettings(2_000), folder.Path, CancellationToken.None);

        Assert.Equal(2_000, trained.Merges);
        Assert.True(trained.Words > 20_000);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_symbol_that_two_merges_make_has_one_number()
    {
        // "ab" + "c" and "a" + "bc" are both learned.
        using var folder = new TemporaryFolder();
        string[] captions =
        [
            .. Enumerable.Repeat("abx", 9), .. Enumerable.Repeat("bcy", 8), .. Enumerable.Repeat("abcz", 5),
            .. Enumerable.Repeat("qabc", 3),
        ];
        var trained = TokenizerTrainer.Train(captions, new TokenizerSettings(100), folder.Path, CancellationToken.None);
        Assert.True(trained.VocabularySize <= 514 + trained.Merges);
        Assert.Equal(trained.VocabularySize, ClipTokenizer.TryLoad(folder.Path)!.VocabularySize);
    }

    private static List<string> BruteForce(IEnumerable<string> words, int merges, int least)
    {
        List<string> alphabet = [.. BpeVocabulary.Alphabet, .. BpeVocabulary.Alphabet.Select(s => s + "</w>")];
        var ids = alphabet.Index().ToDictionary(s => s.Item, s => s.Index);
        var texts = words.Select(w => System.Text.Encoding.UTF8.GetBytes(w).Select(BpeVocabulary.SymbolOf).ToList()).ToList();
        texts.ForEach(t => t[^1] += "</w>");
        var learned = new List<string>();
        while (learned.Count < merges)
        {
            var best = texts.SelectMany(t => t.Zip(t.Skip(1))).GroupBy(p => p).Select(g => (Pair: g.Key, Count: g.Count()))
                .OrderByDescending(p => p.Count).ThenBy(p => ids[p.Pair.First]).ThenBy(p => ids[p.Pair.Second]).FirstOrDefault();
            if (best.Count < least)
            {
                break;
            }

            var (left, right) = best.Pair;
            learned.Add($"{left} {right}");
            ids.TryAdd(left + right, ids.Count);
            foreach (var text in texts)
            {
                for (var i = 0; i + 1 < text.Count; i++)
                {
                    if (text[i] == left && text[i + 1] == right)
                    {
                        text[i] += right;
                        text.RemoveAt(i + 1);
                    }
                }
            }
        }

        return learned;
    }
}
