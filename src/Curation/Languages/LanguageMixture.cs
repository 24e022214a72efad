using System.Diagnostics;

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
        Span<byte> changedFrom = stackalloc byte[units];
        Span<ulong> changed = stackalloc ulong[languages];
        changed.Clear();
        for (var u = 1; u < units; u++)
        {
            var before = scores.Slice((u - 1) * languages, languages);
            var here = scores.Slice(u * languages, languages);
            var best = IndexOfMax(before);
            changedFrom[u] = (byte)best;
            var byChange = before[best] - changes[u];
            for (var l = 0; l < languages; l++)
            {
                if (byChange > before[l])
                {
                    changed[l] |= 1ul << u;
                    here[l] += byChange;
                }
                else
                {
                    here[l] += before[l];
                }
            }
        }

        var at = (byte)IndexOfMax(scores[((units - 1) * languages)..]);
        for (var u = units - 1; u >= 0; u--)
        {
            path[u] = at;
            if (u > 0 && (changed[at] & (1ul << u)) != 0)
            {
                at = changedFrom[u];
            }
        }
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
