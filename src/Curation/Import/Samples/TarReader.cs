using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Curation.Import;

/// <summary>
/// Goes through the members of an uncompressed tar by their headers and reads no data but what is asked for. Knows POSIX ustar, the long
/// names and sizes of pax (POSIX.1-2001) and of GNU tar, and sizes in base 256; links, sparse files and devices are faults. A tar that ends
/// without its mark of the end is taken as cut short.
/// </summary>
internal sealed class TarReader : IDisposable
{
    private const int Block = 512;
    private const int WindowLength = 1 << 16;

    /// <summary>Bytes of a long name, or of a header of pax.</summary>
    private const int LongestName = 1 << 20;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly byte[] _window = new byte[WindowLength];
    private long _windowAt;
    private int _windowLength;
    private string? _longName;
    private long? _longSize;
    private bool _isSparse;

    internal TarReader(string path)
    {
        _path = path;
        SourceStream.OpenFile(path).Dispose();
        try
        {
            _file = File.OpenHandle(path);
            Length = RandomAccess.GetLength(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SourceStream.Unreadable(path, e);
        }

        if (Peek(0, 2) is [0x1F, 0x8B])
        {
            Dispose();
            throw new PairSourceException(
                $"{path} is packed as gzip; unpack it (gunzip), since images are read where they lie in the tar.");
        }
    }

    internal long Length { get; }

    /// <summary>Byte at which the next header begins.</summary>
    internal long Position { get; private set; }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads some of a member's data.</summary>
    /// <exception cref="PairSourceException">The disk does not give it.</exception>
    internal void Read(long offset, Span<byte> bytes)
    {
        var cached = Peek(offset, Math.Min(bytes.Length, WindowLength));
        if (cached.Length == bytes.Length)
        {
            cached.CopyTo(bytes);
            return;
        }

        for (var read = 0; read < bytes.Length;)
        {
            var more = ReadAt(bytes[read..], offset + read);
            read += more > 0 ? more : throw new PairSourceException($"{_path} became shorter while it was read.");
        }
    }

    /// <summary>Goes to the next member, or to what keeps from it.</summary>
    internal TarMember Next()
    {
        while (true)
        {
            var at = Position;
            var header = Peek(at, Block);
            if (header.Length < Block)
            {
                return Broken(at, "truncated", header.IsEmpty
                    ? $"The shard ends at byte {Length} without the mark of its end: what followed is lost."
                    : $"The shard is cut short at byte {Length}, within the header at byte {at}.");
            }

            if (!header.ContainsAnyExcept((byte)0))
            {
                return new TarMember(TarStep.End, "", at, at, 0);
            }

            if (!IsChecked(header))
            {
                return Broken(at, "bad_header", $"At byte {at} there should be the header of a tar, and its checksum is wrong.");
            }

            if (!TryReadSize(header.Slice(124, 12), out var size))
            {
                return Broken(at, "bad_header", $"The header at byte {at} gives no size that can be.");
            }

            var type = header[156];
            var isNote = type is (byte)'L' or (byte)'K' or (byte)'x' or (byte)'g';
            var name = isNote ? "" : _longName ?? NameOf(header);
            size = isNote ? size : _longSize ?? size;
            if (size > Length - at - Block)
            {
                return Broken(at, "truncated", string.Create(
                    CultureInfo.InvariantCulture,
                    $"The shard is cut short at byte {Length}, within {(isNote ? "a header" : name)} of {size} bytes at {at + Block}."));
            }

            Position = at + Block + (size + Block - 1) / Block * Block;
            if (isNote)
            {
                if (!TryReadNote(type, at + Block, size))
                {
                    return Broken(at, "bad_header", $"The header of long names at byte {at} is not one.");
                }

                continue;
            }

            var member = Classify(type, name, at, size);
            (_longName, _longSize, _isSparse) = (null, null, false);
            return member;
        }
    }

    private TarMember Classify(byte type, string name, long at, long size)
    {
        var why = _isSparse || type == (byte)'S' ? "a sparse file"
            : type switch
            {
                0 or (byte)'0' or (byte)'7' or (byte)'5' => null,
                (byte)'1' or (byte)'2' => "a link",
                (byte)'3' or (byte)'4' or (byte)'6' => "a device or a pipe",
                _ => $"of the unknown type 0x{type:X2}",
            };
        var isFolder = type == (byte)'5' || name.EndsWith('/');
        return why is null
            ? new TarMember(isFolder ? TarStep.Skipped : TarStep.Member, name, at, at + Block, size)
            : new TarMember(TarStep.Skipped, name, at, at + Block, size,
                "unsupported_member", $"{name} at byte {at} is {why}, which is not read.");
    }

    private bool TryReadNote(byte type, long offset, long size)
    {
        if (type is (byte)'K' or (byte)'g')
        {
            // Names of links, and what holds for the whole archive: a comment or times, as git writes them.
            return true;
        }

        if (size > LongestName)
        {
            return false;
        }

        var bytes = new byte[size];
        Read(offset, bytes);
        if (type == (byte)'L')
        {
            _longName = Encoding.UTF8.GetString(bytes.AsSpan().TrimEnd((byte)0));
            return true;
        }

        return TryReadPax(bytes);
    }

    /// <summary>Records of the form <c>LENGTH KEY=VALUE\n</c>, the length that of the whole record.</summary>
    private bool TryReadPax(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out var digits) || digits == 0
                || length <= digits + 1 || length > records.Length)
            {
                return false;
            }

            var record = records[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals < 0)
            {
                return false;
            }

            var key = Encoding.UTF8.GetString(record[..equals]);
            var value = record[(equals + 1)..];
            if (key == "path")
            {
                _longName = Encoding.UTF8.GetString(value);
            }
            else if (key == "size")
            {
                if (!Utf8Parser.TryParse(value, out long size, out var read) || read != value.Length || size < 0)
                {
                    return false;
                }

                _longSize = size;
            }
            else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
            {
                _isSparse = true;
            }

            records = records[length..];
        }

        return true;
    }

    private static string NameOf(ReadOnlySpan<byte> header)
    {
        var name = Encoding.UTF8.GetString(UpToNul(header[..100]));

        // GNU tar's own header (magic "ustar  ") has times where ustar has the prefix.
        var hasPrefix = header.Slice(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = hasPrefix ? Encoding.UTF8.GetString(UpToNul(header.Slice(345, 155))) : "";
        return prefix.Length == 0 ? name : prefix + "/" + name;
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> field) =>
        field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    /// <summary>The sum of the header's bytes, its own field as blanks; some old writers added them with a sign.</summary>
    private static bool IsChecked(ReadOnlySpan<byte> header)
    {
        var (sum, signed) = (8 * ' ', 8 * ' ');
        for (var i = 0; i < Block; i++)
        {
            if (i is < 148 or >= 156)
            {
                sum += header[i];
                signed += (sbyte)header[i];
            }
        }

        return TryReadOctal(header.Slice(148, 8), out var said) && (said == sum || said == signed);
    }

    /// <summary>Octal digits, or with the first bit set a number of base 256 (GNU, star).</summary>
    private static bool TryReadSize(ReadOnlySpan<byte> field, out long size)
    {
        if ((field[0] & 0x80) == 0)
        {
            return TryReadOctal(field, out size);
        }

        size = BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        return field[0] == 0x80 && !field[1..4].ContainsAnyExcept((byte)0) && size >= 0;
    }

    private static bool TryReadOctal(ReadOnlySpan<byte> field, out long number)
    {
        number = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            number = number * 8 + (digit - '0');
        }

        return true;
    }

    private static TarMember Broken(long at, string reason, string detail) => new(TarStep.Broken, "", at, at, 0, reason, detail);

    /// <summary>Bytes of the file, fewer only at its end.</summary>
    private ReadOnlySpan<byte> Peek(long offset, int count)
    {
        if (offset < _windowAt || offset + count > _windowAt + _windowLength)
        {
            (_windowAt, _windowLength) = (offset, 0);
            for (int read; _windowLength < WindowLength && (read = ReadAt(_window.AsSpan(_windowLength), offset + _windowLength)) > 0;)
            {
                _windowLength += read;
            }
        }

        var from = (int)(offset - _windowAt);
        return _window.AsSpan(from, Math.Min(count, _windowLength - from));
    }

    private int ReadAt(Span<byte> bytes, long offset)
    {
        try
        {
            return RandomAccess.Read(_file, bytes, offset);
        }
        catch (IOException e)
        {
            throw SourceStream.Unreadable(_path, e);
        }
    }
}
