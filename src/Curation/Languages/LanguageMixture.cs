using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>
/// Finds the languages of a text's units (words, or groups of words) one after the other, by the most probable path through a hidden
/// Markov model whose states are the languages and where every change costs the same (Rabiner 1989, "A Tutorial on Hidden Markov
/// Models", section III B).
/// </summary>
internal static class LanguageMixture
{
    internal const int MaxUnits = 64;

    /// <param name="scores">[units, languages] logarithms of probabilities; changed.</param>
    /// <param name="changes">What a change before each unit costs, in nats.</param>
    /// <param name="path">The language of each unit.</param>
    internal static void MostProbablePath(Span<float> scores, int languages, ReadOnlySpan<float> changes, Span<byte> path)
    {
        var units = path.Length;
        Debug.Assert(units <= MaxUnits && scores.Length == units * languages && languages <= byte.MaxValue);
        Span<float> byChange = stackalloc float[units];
        for (var u = 1; u < units; u++)
        {
            var before = scores.Slice((u - 1) * languages, languages);
            byChange[u] = ScoreVectors.Max(before) - changes[u];
            AddBetter(scores.Slice(u * languages, languages), before, byChange[u]);
        }

        // A row now holds what the best path to each of its languages is worth, so that the way back can be told from the rows.
        var at = IndexOfMax(scores[((units - 1) * languages)..]);
        for (var u = units - 1; u >= 0; u--)
        {
            path[u] = (byte)at;
            var before = u == 0 ? default : scores.Slice((u - 1) * languages, languages);
            at = u > 0 && byChange[u] > before[at] ? IndexOfMax(before) : at;
        }
    }

    // To each language the better of staying in it and of changing to it.
    private static void AddBetter(Span<float> here, ReadOnlySpan<float> before, float byChange)
    {
        var i = 0;
        ref var to = ref MemoryMarshal.GetReference(here);
        ref var from = ref MemoryMarshal.GetReference(before);
        for (; i + Vector256<float>.Count <= here.Length; i += Vector256<float>.Count)
        {
            var better = Vector256.MaxNative(Vector256.LoadUnsafe(ref from, (nuint)i), Vector256.Create(byChange));
            (Vector256.LoadUnsafe(ref to, (nuint)i) + better).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < here.Length; i++)
        {
            here[i] += byChange > before[i] ? byChange : before[i];
        }
    }

    private static int IndexOfMax(ReadOnlySpan<float> values) => values.IndexOf(ScoreVectors.Max(values));
}
