using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sightline.Curation.Export;

/// <summary>Gives images to splits by a hash of their identity and the seed, and by nothing else: more pairs move none of the
/// others.</summary>
internal sealed class SplitTable
{
    private readonly long _seed;
    private readonly double[] _ends;

    /// <param name="fractions">Together 1; none for one split without a name.</param>
    internal SplitTable(IReadOnlyDictionary<string, double> fractions, long seed)
    {
        _seed = seed;

        // JSON objects come back from PostgreSQL in another order: the names' own order is what lasts.
        var named = fractions.OrderBy(f => f.Key, StringComparer.Ordinal).ToArray();
        Names = named.Length == 0 ? [""] : [.. named.Select(f => f.Key)];
        _ends = new double[Names.Count];
        var sum = 0.0;
        for (var i = 0; i < named.Length; i++)
        {
            _ends[i] = sum += named[i].Value;
        }

        _ends[^1] = 1;
    }

    /// <summary>In their order; one empty name where there are no splits.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <param name="row">Of the pair in the dataset.</param>
    /// <returns>The place of its split among <see cref="Names"/>.</returns>
    internal int Of(in Pair pair, long row)
    {
        if (_ends.Length == 1)
        {
            return 0;
        }

        Span<byte> text = stackalloc byte[sizeof(long) + 16];
        BinaryPrimitives.WriteInt64LittleEndian(text, _seed);
        BinaryPrimitives.WriteUInt128BigEndian(text[sizeof(long)..], ImageIdentity.OfLook(pair, row));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);

        // The 53 bits of a double's significand: 0 to below 1.
        var place = (BinaryPrimitives.ReadUInt64BigEndian(digest) >> 11) * (1.0 / (1UL << 53));
        var split = 0;
        while (place >= _ends[split])
        {
            split++;
        }

        return split;
    }
}
