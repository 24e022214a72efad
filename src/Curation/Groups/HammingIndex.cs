using System.Numerics;

namespace Sightline.Curation;

/// <summary>
/// Finds all hashes within so many bits of one, by multi-index hashing (Norouzi, Punjani and Fleet 2012), exactly: of four quarters, one
/// must differ in at most a fourth of the bits. Memory: 56 bytes a hash. Immutable and thread-safe.
/// </summary>
internal sealed class HammingIndex
{
    /// <summary>The largest distance that the four tables of quarters serve well.</summary>
    internal const int MostDistance = 11;

    private const int Quarters = 4;
    private const int QuarterBits = 16;

    private readonly int _distance;
    private readonly ushort[] _flips;
    private readonly int[][] _starts = new int[Quarters][];
    private readonly ulong[][] _hashes = new ulong[Quarters][];
    private readonly int[][] _numbers = new int[Quarters][];

    /// <param name="hashes">Known by their place.</param>
    /// <param name="distance">Bits, 0 to <see cref="MostDistance"/>.</param>
    internal HammingIndex(ReadOnlySpan<ulong> hashes, int distance)
    {
        _distance = distance;
        var all = Enumerable.Range(0, 1 << QuarterBits).Select(i => (ushort)i);
        _flips = [.. all.Where(flip => BitOperations.PopCount(flip) <= distance / Quarters)];
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            var starts = new int[(1 << QuarterBits) + 1];
            foreach (var hash in hashes)
            {
                starts[QuarterOf(hash, quarter) + 1]++;
            }

            for (var i = 0; i < 1 << QuarterBits; i++)
            {
                starts[i + 1] += starts[i];
            }

            var next = starts.AsSpan(..^1).ToArray();
            (_starts[quarter], _hashes[quarter], _numbers[quarter]) = (starts, new ulong[hashes.Length], new int[hashes.Length]);
            for (var i = 0; i < hashes.Length; i++)
            {
                var place = next[QuarterOf(hashes[i], quarter)]++;
                (_hashes[quarter][place], _numbers[quarter][place]) = (hashes[i], i);
            }
        }
    }

    /// <summary>Adds the numbers of all hashes below a number that are near, each once, in no order.</summary>
    internal void Find(ulong hash, int below, List<int> found)
    {
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            var (starts, hashes, numbers) = (_starts[quarter], _hashes[quarter], _numbers[quarter]);
            foreach (var flip in _flips)
            {
                var bucket = QuarterOf(hash, quarter) ^ flip;
                for (var i = starts[bucket]; i < starts[bucket + 1]; i++)
                {
                    var difference = hashes[i] ^ hash;
                    if (BitOperations.PopCount(difference) <= _distance && numbers[i] < below && !IsInEarlier(difference, quarter))
                    {
                        found.Add(numbers[i]);
                    }
                }
            }
        }
    }

    /// <summary>Whether any hash is near.</summary>
    internal bool Contains(ulong hash)
    {
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            var (starts, hashes) = (_starts[quarter], _hashes[quarter]);
            foreach (var flip in _flips)
            {
                var bucket = QuarterOf(hash, quarter) ^ flip;
                for (var i = starts[bucket]; i < starts[bucket + 1]; i++)
                {
                    if (BitOperations.PopCount(hashes[i] ^ hash) <= _distance)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static int QuarterOf(ulong hash, int quarter) => (ushort)(hash >> (quarter * QuarterBits));

    // An earlier quarter is near enough too, so the hash was found there.
    private bool IsInEarlier(ulong difference, int quarter)
    {
        for (var earlier = 0; earlier < quarter; earlier++)
        {
            if (BitOperations.PopCount((uint)QuarterOf(difference, earlier)) <= _distance / Quarters)
            {
                return true;
            }
        }

        return false;
    }
}
