using System.IO.Compression;

namespace Sightline.Curation.Import;

/// <summary>
/// Unpacks gzip, one member or several, and notices a file that is cut short, which <see cref="GZipStream"/> takes for one that ends:
/// behind the file it is given one member more, which it can read as such only if all before is complete.
/// </summary>
internal sealed class PackedStream : Stream
{
    private static readonly byte[] Mark = "sightline: the end of a packed file"u8.ToArray();

    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly MarkedFile _file;
    private readonly GZipStream _unpacked;
    private int _at;
    private int _end;

    internal PackedStream(Stream file)
    {
        _file = new MarkedFile(file);
        _unpacked = new GZipStream(_file, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_at == _end)
        {
            Fill();
        }

        var count = Math.Min(buffer.Length, _end - _at);
        _buffer.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        if (_file.IsMarked)
        {
            return;
        }

        (_at, _end) = (0, 0);
        var read = Unpack();

        // What the unpacker had of the file it gave before it asked for more: what it gives now is the mark, or made of it.
        if (_file.IsMarked && !_buffer.AsSpan(0, read).SequenceEqual(Mark))
        {
            throw CutShort(null);
        }

        _end = _file.IsMarked ? 0 : read;
    }

    private int Unpack()
    {
        try
        {
            return _unpacked.Read(_buffer);
        }
        catch (InvalidDataException e) when (_file.IsMarked)
        {
            throw CutShort(e);
        }
    }

    private static InvalidDataException CutShort(Exception? inner) => new("it is cut short.", inner);

    private static byte[] PackMark()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Mark);
        }

        return packed.ToArray();
    }

    /// <summary>The file, and then the mark.</summary>
    private sealed class MarkedFile(Stream file) : Stream
    {
        private readonly byte[] _mark = PackMark();
        private int _marked;

        internal bool IsMarked => _marked > 0;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var read = IsMarked ? 0 : file.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            var count = Math.Min(buffer.Length, _mark.Length - _marked);
            _mark.AsSpan(_marked, count).CopyTo(buffer);
            _marked += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
