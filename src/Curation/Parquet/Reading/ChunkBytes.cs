using System.Buffers;

namespace Sightline.Curation.Parquet;

/// <summary>Reads the bytes of a column chunk from its beginning to its end, some ahead of what is asked for.</summary>
internal sealed class ChunkBytes : IDisposable
{
    private const int ReadAhead = 256 << 10;

    private readonly ParquetSource _source;
    private byte[] _buffer = [];
    private long _unread;
    private long _position;
    private int _start;
    private int _end;

    /// <exception cref="InvalidDataException">The chunk does not lie within the file.</exception>
    internal ChunkBytes(ParquetSource source, long start, long length)
    {
        if (start < ParquetFile.Magic.Length || length < 0 || start > source.Length || length > source.Length - start)
        {
            throw new InvalidDataException($"its pages claim {length} bytes from byte {start} of a file of {source.Length}.");
        }

        (_source, _position, _unread) = (source, start, length);
    }

    /// <summary>Bytes that are still to come.</summary>
    internal long Left => _unread + _end - _start;

    /// <summary>Where in the file the next byte lies.</summary>
    internal long Position => _position - (_end - _start);

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>Shows the next bytes, <paramref name="count"/> or as many as are left; they stay in place until the next call.</summary>
    internal ArraySegment<byte> Peek(int count)
    {
        count = (int)Math.Min(count, Left);
        if (count > _end - _start)
        {
            Fill(count);
        }

        return new ArraySegment<byte>(_buffer, _start, count);
    }

    /// <summary>Takes the next bytes; they stay in place until the next call.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    internal ArraySegment<byte> Take(int count)
    {
        if (count > Left)
        {
            throw new InvalidDataException($"the page at byte {Position} claims {count} bytes, its chunk has {Left} left.");
        }

        var taken = Peek(count);
        _start += count;
        return taken;
    }

    private void Fill(int count)
    {
        var kept = _end - _start;
        var size = (int)Math.Max(count, Math.Min(ReadAhead, Left));
        var buffer = size <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, kept).CopyTo(buffer);
        if (buffer != _buffer)
        {
            Dispose();
            _buffer = buffer;
        }

        _source.Read(_position, buffer.AsSpan(kept, size - kept));
        (_start, _end) = (0, size);
        _position += size - kept;
        _unread -= size - kept;
    }
}
