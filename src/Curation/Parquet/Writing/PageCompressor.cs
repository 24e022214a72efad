using System.Buffers;

namespace Sightline.Curation.Parquet;

/// <summary>Compresses one page after the other.</summary>
internal sealed class PageCompressor(ParquetCompression compression, int zstandardLevel) : IDisposable
{
    private readonly Zstandard.Encoder? _zstandard = compression == ParquetCompression.Zstandard ? Zstandard.Encoder.Create() : null;
    private byte[] _buffer = [];

    internal Codec Codec => compression switch
    {
        ParquetCompression.Snappy => Codec.Snappy,
        ParquetCompression.Zstandard => Codec.Zstd,
        _ => Codec.Uncompressed,
    };

    public void Dispose()
    {
        _zstandard?.Dispose();
        Release();
    }

    /// <returns>The page, compressed; valid until the next call.</returns>
    internal ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> page)
    {
        switch (compression)
        {
            case ParquetCompression.Snappy:
                MakeRoom(SnappyEncoder.MostBytes(page.Length));
                return _buffer.AsSpan(0, SnappyEncoder.Compress(page, _buffer));
            case ParquetCompression.Zstandard:
                MakeRoom(Zstandard.MostBytes(page.Length));
                return _buffer.AsSpan(0, _zstandard!.Compress(page, _buffer, zstandardLevel));
            default:
                return page;
        }
    }

    private void MakeRoom(int size)
    {
        if (_buffer.Length < size)
        {
            Release();
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }
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
