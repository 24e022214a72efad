using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sightline.Curation.Parquet;

/// <summary>Collects values in an array of the pool, which the next file takes again: arrays of such sizes are dear to make and to clear.</summary>
internal sealed class PooledBuffer<T> : IBufferWriter<T>, IDisposable
    where T : unmanaged
{
    private const int LeastBytes = 256;

    private T[] _values = [];

    internal int WrittenCount { get; private set; }

    internal Span<T> WrittenSpan => _values.AsSpan(0, WrittenCount);

    internal ReadOnlyMemory<T> WrittenMemory => _values.AsMemory(0, WrittenCount);

    public void Advance(int count) => WrittenCount += count;

    public Span<T> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _values.AsSpan(WrittenCount);
    }

    public Memory<T> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _values.AsMemory(WrittenCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(T value)
    {
        if (WrittenCount == _values.Length)
        {
            MakeRoom(1);
        }

        _values[WrittenCount++] = value;
    }

    internal void ResetWrittenCount() => WrittenCount = 0;

    /// <summary>Gives the array back: what was written is gone.</summary>
    public void Dispose()
    {
        if (_values.Length > 0)
        {
            ArrayPool<T>.Shared.Return(_values);
            (_values, WrittenCount) = ([], 0);
        }
    }

    private void MakeRoom(int count)
    {
        count = Math.Max(1, count);
        if (count <= _values.Length - WrittenCount)
        {
            return;
        }

        var values = ArrayPool<T>.Shared.Rent(Math.Max(Math.Max(LeastBytes, WrittenCount + count), (int)Math.Min(2L * _values.Length, Array.MaxLength)));
        WrittenSpan.CopyTo(values);
        var written = WrittenCount;
        Dispose();
        (_values, WrittenCount) = (values, written);
    }
}
