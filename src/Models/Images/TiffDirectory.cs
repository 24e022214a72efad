using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sightline.Models.Images;

/// <summary>
/// One image file directory of a TIFF stream, which is also what EXIF is (TIFF 6.0, section 2). Reads untrusted bytes: an entry that
/// points outside the stream is as good as absent.
/// </summary>
internal readonly ref struct TiffDirectory
{
    private const int EntryBytes = 12;

    // Positions and times have three.
    private const int MostItems = 16;

    private readonly ReadOnlySpan<byte> _stream;
    private readonly bool _bigEndian;
    private readonly int _entries;
    private readonly int _count;

    private TiffDirectory(ReadOnlySpan<byte> stream, bool bigEndian, uint offset)
    {
        _stream = stream;
        _bigEndian = bigEndian;
        if (offset >= 8 && offset + 2L <= stream.Length)
        {
            _entries = (int)offset + 2;
            _count = Math.Min(ReadUInt16((int)offset), (stream.Length - _entries) / EntryBytes);
        }
    }

    /// <summary>The first directory of a stream; false where the bytes are no TIFF stream or it lies outside them.</summary>
    internal static bool TryOpen(ReadOnlySpan<byte> stream, out TiffDirectory directory)
    {
        directory = default;
        var bigEndian = stream.StartsWith("MM\0*"u8);
        if (stream.Length < 8 || (!bigEndian && !stream.StartsWith("II*\0"u8)))
        {
            return false;
        }

        var offset = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(stream[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(stream[4..]);
        directory = new TiffDirectory(stream, bigEndian, offset);
        return directory._count > 0;
    }

    /// <summary>The directory that an entry points to; an empty one where there is none.</summary>
    internal TiffDirectory Child(ushort tag) =>
        Numbers(tag) is [var offset, ..] ? new TiffDirectory(_stream, _bigEndian, offset) : default;

    /// <summary>An ASCII entry up to its first NUL, trimmed; null where absent or blank.</summary>
    internal string? Text(ushort tag)
    {
        if (!TryFind(tag, out var type, out var count, out var value) || type is not (2 or 7) || count > value.Length)
        {
            return null;
        }

        var end = value[..(int)count].IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? value[..(int)count] : value[..end]).Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>A BYTE, SHORT or LONG entry; empty where absent.</summary>
    internal uint[] Numbers(ushort tag)
    {
        if (!TryFind(tag, out var type, out var count, out var value) || SizeOf(type) is not (1 or 2 or 4) || type is 2 or 7)
        {
            return [];
        }

        var size = SizeOf(type);
        var numbers = new uint[Math.Min((int)Math.Min(count, int.MaxValue), value.Length / size)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = size switch { 1 => value[i], 2 => ReadUInt16(value[(i * 2)..]), _ => ReadUInt32(value[(i * 4)..]) };
        }

        return numbers;
    }

    /// <summary>A RATIONAL entry as quotients, NaN where a denominator is 0; empty where absent.</summary>
    internal double[] Rationals(ushort tag)
    {
        if (!TryFind(tag, out var type, out var count, out var value) || type != 5)
        {
            return [];
        }

        var quotients = new double[Math.Min((int)Math.Min(count, int.MaxValue), value.Length / 8)];
        for (var i = 0; i < quotients.Length; i++)
        {
            var denominator = ReadUInt32(value[((i * 8) + 4)..]);
            quotients[i] = denominator == 0 ? double.NaN : ReadUInt32(value[(i * 8)..]) / (double)denominator;
        }

        return quotients;
    }

    internal int Count => _count;

    internal ushort TagAt(int entry) => ReadUInt16(_entries + (entry * EntryBytes));

    /// <summary>An entry as Python's exifread prints it: a text, a number, a fraction in lowest terms, or a list of such. Null where absent,
    /// of unknown layout or longer than <see cref="MostItems"/>.</summary>
    internal string? Describe(ushort tag)
    {
        if (Text(tag) is { } text)
        {
            return text;
        }

        if (!TryFind(tag, out var type, out var count, out var value) || type is not (1 or 3 or 4 or 5 or 9 or 10) || count is 0 or > MostItems
            || count * SizeOf(type) > value.Length)
        {
            return null;
        }

        var items = new string[count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Item(type, value[(i * SizeOf(type))..]);
        }

        return items.Length == 1 ? items[0] : $"[{string.Join(", ", items)}]";
    }

    private string Item(ushort type, ReadOnlySpan<byte> value) => type switch
    {
        1 => value[0].ToString(CultureInfo.InvariantCulture),
        3 => ReadUInt16(value).ToString(CultureInfo.InvariantCulture),
        4 => ReadUInt32(value).ToString(CultureInfo.InvariantCulture),
        5 => Fraction(ReadUInt32(value), ReadUInt32(value[4..])),
        9 => ((int)ReadUInt32(value)).ToString(CultureInfo.InvariantCulture),
        _ => Fraction((int)ReadUInt32(value), (int)ReadUInt32(value[4..])),
    };

    private static string Fraction(long numerator, long denominator)
    {
        var divisor = denominator == 0 ? 1 : (long)BigInteger.GreatestCommonDivisor(numerator, denominator);
        return denominator / divisor == 1
            ? (numerator / divisor).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{numerator / divisor}/{denominator / divisor}");
    }

    /// <summary>The bytes from an entry's value to the end of the stream: in the entry itself when they fit, else where it
    /// points.</summary>
    private bool TryFind(ushort tag, out ushort type, out uint count, out ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < _count; i++)
        {
            var entry = _stream.Slice(_entries + (i * EntryBytes), EntryBytes);
            if (ReadUInt16(entry) == tag)
            {
                type = ReadUInt16(entry[2..]);
                count = ReadUInt32(entry[4..]);
                var inside = (long)count * SizeOf(type) <= 4;
                var offset = ReadUInt32(entry[8..]);
                value = inside ? entry[8..] : offset < _stream.Length ? _stream[(int)offset..] : default;
                return true;
            }
        }

        type = 0;
        count = 0;
        value = default;
        return false;
    }

    private static int SizeOf(ushort type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 => 4, _ => 8 };

    private ushort ReadUInt16(int at) => ReadUInt16(_stream[at..]);

    private ushort ReadUInt16(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint ReadUInt32(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
