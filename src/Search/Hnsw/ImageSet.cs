using System.Numerics;

namespace Sightline.Search;

/// <summary>A set of images: one bit for each id up to the greatest. Ids are numbered from 1 without large gaps, so the bits are dense.</summary>
internal sealed class ImageSet
{
    private readonly ulong[] _bits;

    internal ImageSet(IReadOnlyCollection<long> ids)
    {
        _bits = new ulong[ids.Count == 0 ? 0 : ids.Max() / 64 + 1];
        foreach (var id in ids)
        {
            _bits[id >> 6] |= 1ul << (int)(id & 63);
        }

        Count = _bits.Sum(BitOperations.PopCount);
    }

    private ImageSet(ulong[] bits)
    {
        _bits = bits;
        Count = _bits.Sum(BitOperations.PopCount);
    }

    internal int Count { get; }

    /// <param name="bits">Bit <c>id % 64</c> of word <c>id / 64</c>; kept.</param>
    internal static ImageSet OfBits(ulong[] bits) => new(bits);

    internal bool Contains(long id) => (ulong)(id >> 6) < (ulong)_bits.Length && (_bits[id >> 6] >> (int)(id & 63) & 1) != 0;

    /// <summary>The ids of one of several parts of about equal length, ascending.</summary>
    internal IEnumerable<long> Ids(int part, int parts)
    {
        var (start, end) = ((long)_bits.Length * part / parts, (long)_bits.Length * (part + 1) / parts);
        for (var word = start; word < end; word++)
        {
            for (var bits = _bits[word]; bits != 0; bits &= bits - 1)
            {
                yield return word * 64 + BitOperations.TrailingZeroCount(bits);
            }
        }
    }

    internal ImageSet And(ImageSet other)
    {
        var bits = new ulong[Math.Min(_bits.Length, other._bits.Length)];
        System.Numerics.Tensors.TensorPrimitives.BitwiseAnd<ulong>(_bits.AsSpan(0, bits.Length), other._bits.AsSpan(0, bits.Length), bits);
        return new ImageSet(bits);
    }
}
