using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class WordReaderTests
{
    private static readonly NgramModel Model = LanguageIdentifier.LoadBundled();
    private static readonly string[] Words = [.. Enumerable.Range(0, 300).Select(i => $"{(char)('a' + (i % 26))}{new string('o', i % 45)}{(char)('a' + (i / 26))}")];

    private static float[] ScoresOf(WordReader reader, string word, Script script, out int known)
    {
        var (sum, scores) = (new int[NgramModel.Dimensions], new float[Model.LayerOf(script).Room]);
        known = reader.Read(word.AsSpan(0, Math.Min(word.Length, CaptionWords.MaxLength)), script, sum, scores);
        return [.. scores, .. sum];
    }

    [Fact]
    public void A_word_that_was_driven_out_is_read_again_alike()
    {
        var (few, many) = (new WordReader(Model, LanguageCalibration.Default, 2), new WordReader(Model, LanguageCalibration.Default, 1 << 12));
        var random = new Random(5);
        for (var i = 0; i < 2_000; i++)
        {
            var word = Words[random.Next(Words.Length)];
            Assert.Equal(ScoresOf(many, word, Script.Latin, out var expected), ScoresOf(few, word, Script.Latin, out var known));
            Assert.Equal(expected, known);
        }
    }

    [Fact]
    public void A_word_lags_behind_its_best_score_until_it_is_driven_out()
    {
        var reader = new WordReader(Model, LanguageCalibration.Default, 2);
        var scores = ScoresOf(reader, "house", Script.Latin, out _)[..Model.LayerOf(Script.Latin).Room];
        var hash = reader.Announce("house", Script.Latin);

        Assert.True(reader.TryLag(hash, 3, out var lag));
        Assert.Equal(scores.Max() - scores[3], lag);

        ScoresOf(reader, "river", Script.Latin, out _);
        Assert.True(reader.TryLag(hash, 3, out _));
        ScoresOf(reader, "lake", Script.Latin, out _);
        Assert.False(reader.TryLag(hash, 3, out _));
    }

    [Fact]
    public void Threads_get_readers_of_their_own_and_few_of_them_are_big()
    {
        var readers = new WordReaders(Model, LanguageCalibration.Default);
        var rented = Enumerable.Range(0, Environment.ProcessorCount + 5).Select(_ => readers.Rent()).ToList();

        Assert.Equal(rented.Count, rented.Distinct().Count());
        Assert.Equal(Environment.ProcessorCount, rented.Count(r => !r.IsSmall));

        rented.ForEach(readers.Return);
        Assert.All(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => readers.Rent()), r => Assert.Contains(r, rented));
    }

    [Fact]
    public void Many_threads_are_told_what_one_is()
    {
        var captions = CaptionFixture.Captions.Select(row => (string)row[1]).ToArray();
        string[] texts = [.. captions, .. captions.Zip(captions.Skip(1), (a, b) => $"{a} / {b}"), .. Words, string.Join(' ', Words)];
        var alone = new LanguageIdentifier();
        var expected = texts.Select(text => alone.Identify(text)).ToArray();
        var shared = new LanguageIdentifier();

        Parallel.For(0, 4 * texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(expected[i % texts.Length], shared.Identify(texts[i % texts.Length])));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_caption()
    {
        var identifier = new LanguageIdentifier();
        identifier.Identify("a brown dog runs across the beach / ein brauner Hund");
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var word in Words)
        {
            identifier.Identify(word);
        }

        identifier.Identify("un perro marrón / a brown dog at the beach");

        // A collection may take a pooled array away, which is then made once more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }
}
