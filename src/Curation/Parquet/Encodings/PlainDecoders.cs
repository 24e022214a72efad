using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>Numbers one after the other, little-endian (Encodings.md, PLAIN).</summary>
internal sealed class PlainDecoder<T>(EncodedBytes bytes) : Decoder<T>
    where T : unmanaged
{
    private EncodedBytes _rest = bytes;

    internal override void Read(Span<T> into)
    {
        var length = (long)into.Length * Unsafe.SizeOf<T>();
        if (length > _rest.Length)
        {
            throw TooShort();
        }

        _rest.Span[..(int)length].CopyTo(MemoryMarshal.AsBytes(into));
        _rest = _rest.From(length);
    }
}

/// <summary>Booleans of a bit each, from the least significant on.</summary>
internal sealed class PlainBooleanDecoder(EncodedBytes bytes) : Decoder<bool>
{
    private long _bit;

    internal override void Read(Span<bool> into)
    {
        if (_bit + into.Length > (long)bytes.Length * 8)
        {
            throw TooShort();
        }

        var span = bytes.Span;
        foreach (ref var value in into)
        {
            value = (span[(int)(_bit >> 3)] >> (int)(_bit & 7) & 1) != 0;
            _bit++;
        }
    }
}

/// <summary>Byte arrays, each behind its length in four bytes.</summary>
internal sealed class PlainBytesDecoder(EncodedBytes bytes, ByteBuffers buffers) : Decoder<ByteView>
{
    private int _at = bytes.Start;

    internal override void Read(Span<ByteView> into)
    {
        var place = buffers.PlaceOf(bytes.Array);
        var span = bytes.Array.AsSpan(0, bytes.End);
        var at = _at;
        foreach (ref var value in into)
        {
            if (span.Length - at < 4)
            {
                throw TooShort();
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(span[at..]);
            at += 4;
            if (length > (uint)(span.Length - at))
            {
                throw new InvalidDataException($"a value claims {length} bytes, its page has {span.Length - at} left.");
            }

            value = new ByteView(place, at, (int)length);
            at += (int)length;
        }

        _at = at;
    }
}

/// <summary>Byte arrays of one length.</summary>
internal sealed class PlainFixedBytesDecoder(EncodedBytes bytes, int length, ByteBuffers buffers) : Decoder<ByteView>
{
    private int _at = bytes.Start;

    internal override void Read(Span<ByteView> into)
    {
        if ((long)into.Length * length > bytes.End - _at)
        {
            throw TooShort();
        }

        var place = buffers.PlaceOf(bytes.Array);
        foreach (ref var value in into)
        {
            value = new ByteView(place, _at, length);
            _at += length;
        }
    }
}
