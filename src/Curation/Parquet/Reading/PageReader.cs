using System.Buffers;
using System.Buffers.Binary;

namespace Sightline.Curation.Parquet;

/// <summary>Reads the pages of a column chunk in their order (README.md of the Parquet format, "Data Pages").</summary>
internal sealed class PageReader : IDisposable
{
    private const int UsualHeader = 4 << 10;

    /// <summary>A header carries statistics, and these two values of the column.</summary>
    private const int LongestHeader = 16 << 20;

    private readonly ParquetColumn _column;
    private readonly ChunkBytes _bytes;
    private readonly PageDecompressor _decompressor;
    private readonly int _mostBytes;
    private readonly bool _reusesBuffers;
    private byte[] _buffer = [];

    /// <summary>Of the page whose body comes next, where its header was read already.</summary>
    private (PageHeader Header, long Position)? _peeked;

    /// <param name="mostBytes">The most that a page may become.</param>
    /// <param name="reusesBuffers">Whether a page may be overwritten by the next one: nothing refers to it then.</param>
    /// <exception cref="InvalidDataException">The chunk does not lie within the file.</exception>
    internal PageReader(ParquetSource source, ParquetColumn column, ColumnChunk chunk, int mostBytes, bool reusesBuffers)
    {
        (_column, _mostBytes, _reusesBuffers) = (column, mostBytes, reusesBuffers);
        _bytes = new ChunkBytes(source, chunk.Start, chunk.CompressedLength);
        _decompressor = new PageDecompressor(chunk.Codec);
    }

    public void Dispose()
    {
        Release();
        _bytes.Dispose();
        _decompressor.Dispose();
    }

    /// <summary>Reads the next page of values or of a dictionary; others are passed over.</summary>
    /// <returns>False at the end of the chunk.</returns>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    internal bool TryNext(out Page page)
    {
        while (TryPeek(out var header))
        {
            var position = _peeked!.Value.Position;
            _peeked = null;
            try
            {
                var body = _bytes.Take(header.CompressedSize);
                if (header.Crc is { } crc && Crc32.Compute(body) is var actual && actual != crc)
                {
                    throw new InvalidDataException($"its checksum is {actual:x8}, not {crc:x8}.");
                }

                page = Decompress(header, body);
                return true;
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"the page at byte {position} is damaged: {e.Message}", e);
            }
        }

        page = default;
        return false;
    }

    /// <summary>The header of the page that <see cref="TryNext"/> would read.</summary>
    /// <inheritdoc cref="TryNext"/>
    internal bool TryPeek(out PageHeader header)
    {
        while (_peeked is null && _bytes.Left > 0)
        {
            var position = _bytes.Position;
            try
            {
                var next = ReadHeader();
                if (next.Type is PageType.Data or PageType.DataV2 or PageType.Dictionary)
                {
                    _peeked = (next, position);
                }
                else
                {
                    _bytes.Take(next.CompressedSize);
                }
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"the page at byte {position} is damaged: {e.Message}", e);
            }
        }

        header = _peeked?.Header ?? default;
        return _peeked is not null;
    }

    /// <summary>Passes over the page whose header was shown.</summary>
    internal void Skip()
    {
        _bytes.Take(_peeked!.Value.Header.CompressedSize);
        _peeked = null;
    }

    private PageHeader ReadHeader()
    {
        for (var room = UsualHeader; ; room *= 16)
        {
            var bytes = _bytes.Peek(room);
            try
            {
                var header = PageHeader.Read(bytes, out var length);
                _bytes.Take(length);
                return header;
            }
            catch (EndOfStreamException e)
            {
                if (bytes.Count < room || room >= LongestHeader)
                {
                    throw new InvalidDataException($"its header does not end within {bytes.Count} bytes.", e);
                }
            }
        }
    }

    private Page Decompress(in PageHeader header, ArraySegment<byte> body)
    {
        // Levels of version 2 are not compressed.
        var levels = header.Type == PageType.DataV2 ? (long)header.RepetitionLength + header.DefinitionLength : 0;
        var room = Math.Min(header.CompressedSize, header.UncompressedSize);
        if (levels > room)
        {
            throw new InvalidDataException($"its levels claim {levels} of {room} bytes.");
        }

        var (data, size) = (body[(int)levels..], header.UncompressedSize - (int)levels);
        if (header.UncompressedSize > _mostBytes)
        {
            throw new InvalidDataException($"it becomes {header.UncompressedSize} bytes; {_mostBytes} is the limit.");
        }

        if (header.IsCompressed ? !_decompressor.CanBecome(data.Count, size) : data.Count != size)
        {
            throw new InvalidDataException($"its {data.Count} bytes cannot become {size}.");
        }

        var buffer = Rent(header.UncompressedSize + BitPacking.Slack);
        body[..(int)levels].AsSpan().CopyTo(buffer);
        var into = buffer.AsSpan((int)levels, size);
        if (header.IsCompressed)
        {
            _decompressor.Decompress(data, into);
        }
        else
        {
            data.AsSpan().CopyTo(into);
        }

        return Split(header, new EncodedBytes(buffer, 0, header.UncompressedSize));
    }

    private Page Split(in PageHeader header, EncodedBytes bytes)
    {
        if (header.Type == PageType.Dictionary)
        {
            return new Page(header, null, null, bytes);
        }

        LevelReader? repetition = null, definition = null;
        if (header.Type == PageType.Data)
        {
            repetition = TakeLevels(ref bytes, header.RepetitionEncoding, header.Values, _column.MaxRepetition);
            definition = TakeLevels(ref bytes, header.DefinitionEncoding, header.Values, _column.MaxDefinition);
            return new Page(header, repetition, definition, bytes);
        }

        if (_column.MaxRepetition > 0)
        {
            repetition = LevelReader.OfRuns(bytes.Slice(0, header.RepetitionLength), _column.MaxRepetition);
        }

        if (_column.MaxDefinition > 0)
        {
            definition = LevelReader.OfRuns(bytes.Slice(header.RepetitionLength, header.DefinitionLength), _column.MaxDefinition);
        }

        return new Page(header, repetition, definition, bytes.From(header.RepetitionLength + header.DefinitionLength));
    }

    private static LevelReader? TakeLevels(ref EncodedBytes bytes, PageEncoding encoding, int count, int most)
    {
        if (most == 0)
        {
            return null;
        }

        switch (encoding)
        {
            case PageEncoding.Rle:
                var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(0, sizeof(uint)).Span);
                var runs = bytes.Slice(sizeof(uint), length);
                bytes = bytes.From(sizeof(uint) + (long)length);
                return LevelReader.OfRuns(runs, most);
            case PageEncoding.BitPacked:
                var packed = LevelReader.PackedLength(count, most);
                var levels = bytes.Slice(0, packed);
                bytes = bytes.From(packed);
                return LevelReader.OfPacked(levels, most);
            default:
                throw new InvalidDataException($"there is no encoding {encoding} for levels.");
        }
    }

    private byte[] Rent(int size)
    {
        if (!_reusesBuffers)
        {
            return GC.AllocateUninitializedArray<byte>(size);
        }

        if (size > _buffer.Length)
        {
            Release();
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }

        return _buffer;
    }

    private void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
