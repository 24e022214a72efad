using System.Runtime.InteropServices;
using Sightline.Search;

namespace Sightline.Bench;

/// <summary>
/// A nearest-neighbour set in the files of the big-ann-benchmarks convention: base.fbin, query.fbin (uint32 rows, uint32 columns, float32),
/// gt.ibin (uint32: the exact best by inner product, best first), attr.i32bin (one int32 in [0, 1000) a row).
/// </summary>
internal sealed class AnnData : IVectorRows
{
    private readonly float[][] _base;
    private readonly float[][] _queries;
    private readonly int[][] _truth;
    private readonly int[][] _attributes;

    internal AnnData(string folder)
    {
        _base = Read<float>(Path.Combine(folder, "base.fbin"));
        _queries = Read<float>(Path.Combine(folder, "query.fbin"));
        _truth = Read<int>(Path.Combine(folder, "gt.ibin"));
        _attributes = Read<int>(Path.Combine(folder, "attr.i32bin"));
    }

    internal int Rows => _base.Length;

    internal int Queries => _queries.Length;

    internal int Dimensions => _base[0].Length;

    public bool IsAlive(int row) => true;

    public float ReadExact(int row, Span<short> code) => VectorCodec.EncodeExact(_base[row], code);

    internal ReadOnlySpan<float> Vector(int row) => _base[row];

    internal float[] Query(int query) => _queries[query];

    internal int Attribute(int row) => _attributes[row][0];

    internal ReadOnlySpan<int> Truth(int query) => _truth[query];

    internal SourceRow[] SourceRows() => [.. Enumerable.Range(0, Rows).Select(row => new SourceRow(this, row, row, 1))];

    // Rows as arrays of their own: a million times 512 floats is more than one array may be indexed by.
    private static T[][] Read<T>(string path)
        where T : unmanaged
    {
        using var file = File.OpenRead(path);
        Span<int> shape = stackalloc int[2];
        file.ReadExactly(MemoryMarshal.AsBytes(shape));
        var rows = new T[shape[0]][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new T[shape[1]];
            file.ReadExactly(MemoryMarshal.AsBytes(rows[row].AsSpan()));
        }

        return rows;
    }
}
