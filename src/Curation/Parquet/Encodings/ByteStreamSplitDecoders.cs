using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>Numbers whose first bytes stand together, then all their second bytes, and so on (Encodings.md, BYTE_STREAM_SPLIT).</summary>
internal sealed class ByteStreamSplitDecoder<T>(EncodedBytes bytes) : Decoder<T>
    where T : unmanaged
{
    private readonly int _count = ByteStreamSplit.CountOf(bytes, Unsafe.SizeOf<T>());
    private int _next;

    internal override void Read(Span<T> into)
    {
        if (into.Length > _count - _next)
        {
            throw TooShort();
        }

        ByteStreamSplit.Join(bytes, Unsafe.SizeOf<T>(), _count, _next, MemoryMarshal.AsBytes(into));
        _next += into.Length;
    }
}

/// <summary>Byte arrays of one length, split likewise.</summary>
internal sealed class ByteStreamSplitBytesDecoder(EncodedBytes bytes, int length, ByteBuffers buffers) : Decoder<ByteView>
{
    private readonly int _count = ByteStreamSplit.CountOf(bytes, length);
    private int _next;

    internal override void Read(Span<ByteView> into)
    {
        if (into.Length > _count - _next)
        {
            throw TooShort();
        }

        var joined = new byte[into.Length * length];
        ByteStreamSplit.Join(bytes, length, _count, _next, joined);
        _next += into.Length;
        var place = buffers.PlaceOf(joined);
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = new ByteView(place, i * length, length);
        }
    }
}

internal static class ByteStreamSplit
{
    internal static int CountOf(EncodedBytes bytes, int width) => bytes.Length % width == 0
        ? bytes.Length / width
        : throw new InvalidDataException($"{bytes.Length} bytes are no streams for values of {width}.");

    /// <param name="count">Values of the page, and so the length of a stream.</param>
    /// <param name="first">The first value wanted.</param>
    /// <param name="into">As long as the values wanted.</param>
    internal static void Join(EncodedBytes bytes, int width, int count, int first, Span<byte> into)
    {
        for (var stream = 0; stream < width; stream++)
        {
            var from = bytes.Span.Slice((stream * count) + first, into.Length / width);
            for (var (i, to) = (0, stream); i < from.Length; i++, to += width)
            {
                into[to] = from[i];
            }
        }
    }
}
