using System.Numerics;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// MinHash (Broder 1997): of each of some random orders of all shingles, the first that a caption has; two captions agree in one with the
/// probability of their Jaccard index. Values are cut into bands (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4):
/// captions that agree in all values of a band are candidates. Immutable and thread-safe.
/// </summary>
internal sealed class MinHash
{
    // A pair at the threshold is a candidate with at least this probability; a closer pair with a higher one.
    private const double LeastRecall = 0.99;

    // Below this threshold more bands are needed, or too much that is unlike would be a candidate.
    private const double FewBandsFrom = 0.75;
    private const int FewBands = 14;
    private const int ManyBands = 28;
    private const int MostRows = 8;

    private readonly uint[] _seeds;
    private readonly int _rows;

    /// <param name="jaccard">The least index of captions that are to be found, 0.6 to 1.</param>
    internal MinHash(double jaccard)
    {
        Bands = jaccard >= FewBandsFrom ? FewBands : ManyBands;
        _rows = 1;
        while (_rows < MostRows && Probability(jaccard, Bands, _rows + 1) >= LeastRecall)
        {
            _rows++;
        }

        // Whole vectors, of whatever length they are.
        var hashes = (Bands * _rows + 15) / 16 * 16;
        _seeds = new uint[hashes];
        for (var i = 0; i < hashes; i++)
        {
            _seeds[i] = (uint)SeededHash.Mix((ulong)i);
        }
    }

    internal int Bands { get; }

    /// <summary>That captions of such a Jaccard index agree in a band.</summary>
    internal double Probability(double jaccard) => Probability(jaccard, Bands, _rows);

    /// <param name="shingles">Hashes, at least one.</param>
    /// <param name="keys">One for each of <see cref="Bands"/>.</param>
    internal void Read(ReadOnlySpan<uint> shingles, Span<uint> keys)
    {
        Span<uint> least = stackalloc uint[_seeds.Length];
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(least);
        var seeds = MemoryMarshal.Cast<uint, Vector<uint>>(_seeds.AsSpan());
        for (var v = 0; v < vectors.Length; v++)
        {
            var smallest = Vector<uint>.AllBitsSet;
            var seed = seeds[v];
            foreach (var shingle in shingles)
            {
                // The finaliser of MurmurHash3 without its last steps; only the order counts, and shingles are well mixed.
                var value = new Vector<uint>(shingle) ^ seed;
                value *= 0x85EBCA6B;
                value ^= value >>> 13;
                value *= 0xC2B2AE35;
                smallest = Vector.Min(smallest, value);
            }

            vectors[v] = smallest;
        }

        for (var band = 0; band < Bands; band++)
        {
            ulong key = 0;
            foreach (var value in least.Slice(band * _rows, _rows))
            {
                key = SeededHash.Mix(key ^ value);
            }

            keys[band] = (uint)(key >> 32);
        }
    }

    private static double Probability(double jaccard, int bands, int rows) => 1 - Math.Pow(1 - Math.Pow(jaccard, rows), bands);
}
