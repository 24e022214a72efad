using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>Which codes of a vocabulary pictures are made of: a dVAE that uses few of them wastes the others.</summary>
internal sealed class CodeUsage
{
    private readonly long[] _counts;
    private readonly long[] _lastSeen;

    internal CodeUsage(int vocabulary)
    {
        (_counts, _lastSeen) = (new long[vocabulary], new long[vocabulary]);
        Array.Fill(_lastSeen, long.MinValue);
    }

    /// <summary>exp of the entropy of the codes counted since <see cref="Restart"/>: the number of codes that, used evenly, would be as
    /// many.</summary>
    internal double Perplexity
    {
        get
        {
            double total = _counts.Sum();
            return Math.Exp(-_counts.Where(c => c > 0).Sum(c => c / total * Math.Log(c / total)));
        }
    }

    /// <summary>Forgets the counts, but not when a code was seen last.</summary>
    internal void Restart() => Array.Clear(_counts);

    /// <param name="codes">Any shape, int64.</param>
    /// <param name="step">When they are seen.</param>
    internal void Add(Tensor codes, long step)
    {
        using var values = codes.cpu();
        using var row = values.contiguous();
        foreach (var code in MemoryMarshal.Cast<byte, long>(row.bytes))
        {
            _counts[code]++;
            _lastSeen[code] = step;
        }
    }

    /// <summary>The part of the vocabulary that was seen at that step or later, 0 to 1.</summary>
    internal double ShareSince(long step) => (double)_lastSeen.Count(seen => seen >= step) / _lastSeen.Length;
}
