namespace Sightline.Search;

/// <summary>A query with its codes, one for each codec that a searched segment uses: most segments share one. Not thread-safe.</summary>
internal sealed class PreparedQuery(ReadOnlyMemory<float> values)
{
    private readonly List<(VectorCodec Codec, sbyte[] Code, int Sum)> _codes = [];

    internal ReadOnlySpan<float> Values => values.Span;

    /// <summary>The query's walk code, pinned in memory, and the sum of its components.</summary>
    internal (sbyte[] Code, int Sum) CodeFor(VectorCodec codec)
    {
        foreach (var known in _codes)
        {
            if (known.Codec == codec)
            {
                return (known.Code, known.Sum);
            }
        }

        var code = GC.AllocateUninitializedArray<sbyte>(codec.Width, pinned: true);
        var sum = codec.EncodeQuery(Values, code, stackalloc float[codec.Width]);
        _codes.Add((codec, code, sum));
        return (code, sum);
    }
}
