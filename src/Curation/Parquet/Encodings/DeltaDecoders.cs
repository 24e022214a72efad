using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>Whole numbers of 32 or 64 bits by their differences (Encodings.md, DELTA_BINARY_PACKED).</summary>
internal sealed class DeltaDecoder<T>(EncodedBytes bytes) : Decoder<T>
    where T : unmanaged
{
    private readonly DeltaReader? _numbers = bytes.Length == 0 ? null : new DeltaReader(bytes);

    internal override void Read(Span<T> into)
    {
        if (into.IsEmpty)
        {
            return;
        }

        var numbers = _numbers ?? throw TooShort();
        if (Unsafe.SizeOf<T>() == sizeof(long))
        {
            numbers.Read(MemoryMarshal.Cast<T, long>(into));
            return;
        }

        Span<long> wide = stackalloc long[256];
        for (var narrow = MemoryMarshal.Cast<T, int>(into); narrow.Length > 0;)
        {
            var count = Math.Min(narrow.Length, wide.Length);
            numbers.Read(wide[..count]);
            for (var i = 0; i < count; i++)
            {
                narrow[i] = (int)wide[i];
            }

            narrow = narrow[count..];
        }
    }
}

/// <summary>The lengths of all byte arrays, then their bytes (Encodings.md, DELTA_LENGTH_BYTE_ARRAY).</summary>
internal sealed class DeltaLengthDecoder : Decoder<ByteView>
{
    private readonly DeltaReader? _lengths;
    private readonly EncodedBytes _bytes;
    private readonly ByteBuffers _buffers;
    private int _at;

    internal DeltaLengthDecoder(EncodedBytes bytes, ByteBuffers buffers)
    {
        _buffers = buffers;
        _lengths = bytes.Length == 0 ? null : new DeltaReader(bytes);
        _bytes = bytes.Length == 0 ? bytes : new DeltaReader(bytes).Skip();
        _at = _bytes.Start;
    }

    internal override void Read(Span<ByteView> into)
    {
        var place = _buffers.PlaceOf(_bytes.Array);
        Span<long> lengths = stackalloc long[256];
        while (into.Length > 0)
        {
            var count = Math.Min(into.Length, lengths.Length);
            (_lengths ?? throw TooShort()).Read(lengths[..count]);
            for (var i = 0; i < count; i++)
            {
                // The format's lengths are 32-bit numbers, whose differences wrap around.
                var length = (int)lengths[i];
                if (length < 0 || length > _bytes.End - _at)
                {
                    throw new InvalidDataException($"a value claims {length} bytes, its page has {_bytes.End - _at} left.");
                }

                into[i] = new ByteView(place, _at, length);
                _at += length;
            }

            into = into[count..];
        }
    }
}

/// <summary>
/// Byte arrays of which each shares its beginning with the one before: the lengths of what is shared, then the rests
/// (Encodings.md, DELTA_BYTE_ARRAY).
/// </summary>
internal sealed class DeltaBytesDecoder : Decoder<ByteView>
{
    private readonly DeltaReader? _prefixes;
    private readonly DeltaLengthDecoder _suffixes;
    private readonly ByteBuffers _buffers;
    private readonly EncodedBytes _bytes;
    private readonly int _fixedLength;
    private readonly int _mostBytes;
    private byte[] _last = [];

    /// <param name="fixedLength">The length that each value must have; 0 for any.</param>
    /// <param name="mostBytes">The most that one call may put together: a few bytes can stand for a great many.</param>
    internal DeltaBytesDecoder(EncodedBytes bytes, int fixedLength, ByteBuffers buffers, int mostBytes)
    {
        (_bytes, _buffers, _fixedLength, _mostBytes) = (bytes, buffers, fixedLength, mostBytes);
        _prefixes = bytes.Length == 0 ? null : new DeltaReader(bytes);
        _suffixes = new DeltaLengthDecoder(bytes.Length == 0 ? bytes : new DeltaReader(bytes).Skip(), new ByteBuffers());
    }

    internal override void Read(Span<ByteView> into)
    {
        if (into.IsEmpty)
        {
            return;
        }

        var prefixes = new long[into.Length];
        (_prefixes ?? throw TooShort()).Read(prefixes);
        _suffixes.Read(into);
        var (total, last) = (0L, _last.Length);
        for (var i = 0; i < into.Length; i++)
        {
            var prefix = (int)prefixes[i];
            if (prefix < 0 || prefix > last || (_fixedLength > 0 && prefix + into[i].Length != _fixedLength))
            {
                throw new InvalidDataException(
                    $"a value takes {prefix} bytes of the one before, which has {last}, and {into[i].Length} more.");
            }

            last = prefix + into[i].Length;
            total += last;
            if (total > _mostBytes)
            {
                throw new InvalidDataException($"values that share their beginnings take more than {_mostBytes} bytes together.");
            }
        }

        Join(into, prefixes, (int)total);
    }

    private void Join(Span<ByteView> into, long[] prefixes, int total)
    {
        var joined = new byte[total];
        var place = _buffers.PlaceOf(joined);
        var last = _last.AsSpan();
        var at = 0;
        for (var i = 0; i < into.Length; i++)
        {
            var (prefix, suffix) = ((int)prefixes[i], into[i]);
            var value = joined.AsSpan(at, prefix + suffix.Length);
            last[..prefix].CopyTo(value);
            _bytes.Array.AsSpan(suffix.Start, suffix.Length).CopyTo(value[prefix..]);
            into[i] = new ByteView(place, at, value.Length);
            at += value.Length;
            last = value;
        }

        _last = last.ToArray();
    }
}
