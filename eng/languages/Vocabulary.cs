using System.Runtime.InteropServices;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>
/// Chooses the n-grams of a script by what they tell of the language: the sum over the languages of p(n-gram | language) times the
/// logarithm of its ratio to the mean, which is the n-gram's part of the mutual information.
/// </summary>
internal static class Vocabulary
{
    private const int KeptPerLanguage = 150_000;
    private const float SeenAtLeast = 1.5f;
    private const double Smoothing = 2e-6;

    internal static uint[] Choose(IReadOnlyList<TrainingText> texts, Script script, int size)
    {
        var shares = new Dictionary<uint, float[]>();
        for (var i = 0; i < texts.Count; i++)
        {
            foreach (var (key, share) in Count(texts[i], script))
            {
                ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(shares, key, out _);
                (row ??= new float[texts.Count])[i] = share;
            }
        }

        return [.. shares.Select(pair => (pair.Key, Information: Information(pair.Value)))
            .OrderByDescending(pair => pair.Information).ThenBy(pair => pair.Key).Take(size).Select(pair => pair.Key).Order()];
    }

    private static double Information(float[] shares)
    {
        var mean = shares.Sum(share => share + Smoothing) / shares.Length;
        return shares.Sum(share => (share + Smoothing) * Math.Log((share + Smoothing) / mean));
    }

    // Words of the list count once, borrowed ones less. Those of sentences count by the root of their frequency, together seven tenths of
    // the list; the commonest a fifth.
    private static List<(uint Key, float Share)> Count(TrainingText text, Script script)
    {
        var counts = new Dictionary<uint, float>();
        Span<uint> hashes = stackalloc uint[NgramFeatures.MaxPerWord];
        var total = 0.0;
        void Add(string word, float weight, Span<uint> hashes)
        {
            foreach (var hash in hashes[..NgramFeatures.Write(word, script, hashes)])
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, hash, out _) += weight;
            }

            total += weight;
        }

        foreach (var word in text.Words)
        {
            Add(word, text.Borrowed.Contains(word) ? TrainingText.BorrowedWeight : 1, hashes);
        }

        var listed = Math.Max(text.Words.Count, 20_000);
        var frequencies = text.Lines.Concat(text.Names).SelectMany(words => words).CountBy(word => word)
            .Select(pair => (pair.Key, Root: MathF.Sqrt(pair.Value))).ToList();
        var roots = frequencies.Sum(pair => (double)pair.Root);
        foreach (var (word, root) in frequencies)
        {
            Add(word, (float)(root / roots * listed * 0.7), hashes);
        }

        foreach (var word in text.Common)
        {
            Add(word, listed * 0.2f / text.Common.Count, hashes);
        }

        return [.. counts.Where(pair => pair.Value > SeenAtLeast).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
            .Take(KeptPerLanguage).Select(pair => (pair.Key, (float)(pair.Value / total)))];
    }
}
