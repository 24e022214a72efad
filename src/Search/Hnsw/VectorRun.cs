using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>
/// The newest vectors, before they are built into a segment: appended by one writer, searched exactly by readers without a lock. A byte
/// code of each row bounds its score, so that most rows are passed over without reading their floats. An image has one row at most.
/// </summary>
internal sealed unsafe class VectorRun(int dimensions) : IVectorRows
{
    private const int BlockSize = 1024;

    // A scan of more blocks is worth a second core.
    private const int ParallelBlocks = 32;

    private readonly int _width = (dimensions + Kernels.Block - 1) / Kernels.Block * Kernels.Block;
    private readonly ConcurrentDictionary<long, int> _rows = new();
    private Block[] _blocks = [];
    private int _count;

    /// <summary>Rows, deleted ones included.</summary>
    internal int Count => Volatile.Read(ref _count);

    internal int Alive => _rows.Count;

    /// <summary>The change number up to which the index had followed when the run was closed; 0 while it is open.</summary>
    internal long ClosedAt { get; set; }

    public bool IsAlive(int row) => _blocks[row / BlockSize].Deletions.IsDeleted(row % BlockSize, uint.MaxValue) is false;

    public float ReadExact(int row, Span<short> code) => VectorCodec.EncodeExact(Vector(row), code);

    /// <summary>Appends a row; one that the image had goes after the new one can be found.</summary>
    /// <param name="version">From which on the new row is there and the old one gone.</param>
    internal void Add(long image, int collection, ReadOnlySpan<float> vector, uint version)
    {
        if (_count == _blocks.Length * BlockSize)
        {
            Volatile.Write(ref _blocks, [.. _blocks, new Block(dimensions, _width)]);
        }

        _blocks[_count / BlockSize].Write(_count % BlockSize, image, collection, vector, version);
        Volatile.Write(ref _count, _count + 1);
        if (_rows.TryGetValue(image, out var old))
        {
            _blocks[old / BlockSize].Deletions.Delete(old % BlockSize, version);
        }

        _rows[image] = _count - 1;
    }

    /// <returns>The image had a row.</returns>
    internal bool Remove(long image, uint version) =>
        _rows.TryRemove(image, out var row) && _blocks[row / BlockSize].Deletions.Delete(row % BlockSize, version);

    internal bool TryRead(long image, Span<float> vector)
    {
        if (!_rows.TryGetValue(image, out var row))
        {
            return false;
        }

        Vector(row).CopyTo(vector);
        return true;
    }

    /// <summary>Every row that is alive now.</summary>
    internal IEnumerable<SourceRow> AliveRows()
    {
        for (var row = 0; row < Count; row++)
        {
            if (IsAlive(row))
            {
                yield return RowAt(row);
            }
        }
    }

    internal SourceRow RowAt(int row) =>
        new(this, row, _blocks[row / BlockSize].Images[row % BlockSize], _blocks[row / BlockSize].Collections[row % BlockSize]);

    /// <summary>Offers the closest rows that the filter allows.</summary>
    /// <param name="count">Rows wanted.</param>
    internal void Search(ReadOnlySpan<float> query, int count, VectorFilter filter, TopImages best, CancellationToken cancellationToken)
    {
        var rows = Count;
        var blocks = Volatile.Read(ref _blocks);
        var used = (rows + BlockSize - 1) / BlockSize;
        var target = new RunQuery(query, _width);
        if (used < ParallelBlocks)
        {
            for (var block = 0; block < used; block++)
            {
                blocks[block].Scan(target, Math.Min(BlockSize, rows - block * BlockSize), filter, best);
            }

            return;
        }

        var merged = new Lock();
        Parallel.For(0, used, Cores.Options(cancellationToken), () => new TopImages(count), (block, _, own) =>
        {
            blocks[block].Scan(target, Math.Min(BlockSize, rows - block * BlockSize), filter, own);
            return own;
        }, own =>
        {
            lock (merged)
            {
                best.Merge(own);
            }
        });
    }

    private ReadOnlySpan<float> Vector(int row) => _blocks[row / BlockSize].Vector(row % BlockSize);

    // The query as floats and as a byte code with what the code leaves out.
    private sealed class RunQuery
    {
        internal RunQuery(ReadOnlySpan<float> query, int width)
        {
            Values = query.ToArray();
            Code = GC.AllocateArray<sbyte>(width, pinned: true);
            Step = Quantize(query, Code);
            var rest = new float[query.Length];
            for (var i = 0; i < query.Length; i++)
            {
                Sum += Code[i];
                rest[i] = query[i] - Code[i] * Step;
            }

            Error = TensorPrimitives.Norm<float>(rest);
            CodeNorm = TensorPrimitives.Norm(query) + Error;
        }

        internal float[] Values { get; }

        internal sbyte[] Code { get; }

        internal int Sum { get; }

        internal float Step { get; }

        internal float Error { get; }

        /// <summary>No less than the length of the decoded code.</summary>
        internal float CodeNorm { get; }

        internal static float Quantize(ReadOnlySpan<float> vector, Span<sbyte> code)
        {
            var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(vector));
            var step = largest > 0 ? largest / 127 : 1;
            for (var i = 0; i < vector.Length; i++)
            {
                code[i] = (sbyte)MathF.Round(vector[i] / step);
            }

            return step;
        }
    }

    private sealed class Block(int dimensions, int width)
    {
        private readonly NativeArray<float> _vectors = new(BlockSize * dimensions);
        private readonly NativeArray<byte> _codes = new(BlockSize * width);
        private readonly uint[] _since = new uint[BlockSize];
        private readonly float[] _steps = new float[BlockSize];
        private readonly float[] _norms = new float[BlockSize];
        private readonly float[] _errors = new float[BlockSize];

        internal long[] Images { get; } = new long[BlockSize];

        internal int[] Collections { get; } = new int[BlockSize];

        internal RowDeletions Deletions { get; } = new(BlockSize);

        internal ReadOnlySpan<float> Vector(int row) => _vectors.Span(row * dimensions, dimensions);

        internal void Write(int row, long image, int collection, ReadOnlySpan<float> vector, uint version)
        {
            vector.CopyTo(_vectors.Span(row * dimensions, dimensions));
            (Images[row], Collections[row], _since[row]) = (image, collection, version);
            var code = _codes.Span(row * width, width);
            var signed = MemoryMarshal.Cast<byte, sbyte>(code);
            signed.Clear();
            var step = _steps[row] = RunQuery.Quantize(vector, signed);
            double error = 0;
            for (var i = 0; i < vector.Length; i++)
            {
                var rest = vector[i] - signed[i] * step;
                error += (double)rest * rest;
            }

            for (var i = 0; i < width; i++)
            {
                code[i] ^= 0x80;
            }

            _errors[row] = (float)Math.Sqrt(error);
            _norms[row] = TensorPrimitives.Norm(vector);
        }

        // q x = q' x' + e x + q' f, with q = q' + e and x = x' + f: the score is at most q' x' + |e| |x| + |q'| |f|. The last term of the
        // bound covers rounding.
        internal void Scan(RunQuery query, int rows, VectorFilter filter, TopImages best)
        {
            var codes = _codes.Pointer;
            fixed (sbyte* target = query.Code)
            {
                for (var row = 0; row < rows; row++)
                {
                    var dot = Kernels.Dot(codes + row * width, target, query.Sum, width);
                    var most = query.Step * _steps[row] * dot + query.Error * _norms[row] + query.CodeNorm * (_errors[row] + 1e-6f);
                    if (most >= best.Bar && _since[row] <= filter.Version && !Deletions.IsDeleted(row, filter.Version)
                        && filter.Allows(Images[row], Collections[row]))
                    {
                        best.Offer(Images[row], TensorPrimitives.Dot(Vector(row), query.Values));
                    }
                }
            }

            GC.KeepAlive(this);
        }
    }
}
