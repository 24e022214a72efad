using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>
/// Where the entries of a zip file lie, zip64 included (PKWARE APPNOTE 4.3). Tensors are read straight from the file, so only stored
/// (uncompressed) entries have a place; .NET's own ZipArchive does not say where that is.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndRecord = 0x06054b50, End64Locator = 0x07064b50, End64Record = 0x06064b50, EntryRecord = 0x02014b50;

    /// <exception cref="InvalidDataException">The directory is damaged or missing (the file was cut short).</exception>
    internal static Dictionary<string, FileRegion> Read(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        var (start, size, count) = FindDirectory(file, length);
        if (start < 0 || size < 0 || start > length - size || size > int.MaxValue)
        {
            throw new InvalidDataException("the zip directory lies outside the file.");
        }

        var directory = new FileRegion(file, start, size).Read().AsSpan();
        var entries = new Dictionary<string, FileRegion>();
        for (long i = 0; i < count; i++)
        {
            if (directory.Length < 46 || U32(directory, 0) != EntryRecord)
            {
                throw new InvalidDataException($"entry {i} of {count} of the zip directory is damaged.");
            }

            int nameLength = U16(directory, 28), extraLength = U16(directory, 30), commentLength = U16(directory, 32);
            if (directory.Length < 46 + nameLength + extraLength + commentLength)
            {
                throw new InvalidDataException($"entry {i} of {count} of the zip directory is damaged.");
            }

            var name = Encoding.UTF8.GetString(directory.Slice(46, nameLength));
            if (U16(directory, 10) == 0)
            {
                entries[name] = Locate(file, length, name, directory, nameLength, extraLength);
            }

            directory = directory[(46 + nameLength + extraLength + commentLength)..];
        }

        return entries;
    }

    private static (long Start, long Size, long Count) FindDirectory(SafeFileHandle file, long length)
    {
        var tailLength = Math.Min(length, 22 + ushort.MaxValue);
        var tail = new FileRegion(file, length - tailLength, tailLength).Read();
        for (var i = tail.Length - 22; i >= 0; i--)
        {
            if (U32(tail, i) != EndRecord)
            {
                continue;
            }

            if (i >= 20 && U32(tail, i - 20) == End64Locator)
            {
                var at = (long)U64(tail, i - 12);
                if (at < 0 || at > length - 56)
                {
                    throw new InvalidDataException("the zip64 end record lies outside the file.");
                }

                var end = new FileRegion(file, at, 56).Read();
                return U32(end, 0) == End64Record
                    ? ((long)U64(end, 48), (long)U64(end, 40), (long)U64(end, 32))
                    : throw new InvalidDataException("the zip64 end record is damaged.");
            }

            return (U32(tail, i + 16), U32(tail, i + 12), U16(tail, i + 10));
        }

        throw new InvalidDataException("the zip directory at the end is missing: the file was cut short.");
    }

    private static FileRegion Locate(SafeFileHandle file, long length, string name, ReadOnlySpan<byte> entry, int nameLength,
        int extraLength)
    {
        long size = U32(entry, 24), header = U32(entry, 42);
        for (var extra = entry.Slice(46 + nameLength, extraLength); extra.Length >= 4;)
        {
            var (id, fieldLength) = (U16(extra, 0), U16(extra, 2));
            if (fieldLength > extra.Length - 4)
            {
                break;
            }

            if (id == 1)
            {
                // Only the fields that did not fit are here, in this order: size, compressed size, header.
                var values = extra.Slice(4, fieldLength);
                var at = 0;
                if (size == uint.MaxValue && values.Length >= at + 8)
                {
                    size = (long)U64(values, at);
                    at += 8;
                }

                if (U32(entry, 20) == uint.MaxValue)
                {
                    at += 8;
                }

                if (header == uint.MaxValue && values.Length >= at + 8)
                {
                    header = (long)U64(values, at);
                }
            }

            extra = extra[(4 + fieldLength)..];
        }

        if (header < 0 || size < 0 || header > length - 30)
        {
            throw new InvalidDataException($"{name} lies outside the file.");
        }

        // The local header repeats the name and may pad with another extra field than the directory's.
        var local = new FileRegion(file, header, 30).Read();
        var start = header + 30 + U16(local, 26) + U16(local, 28);
        return start <= length - size
            ? new FileRegion(file, start, size)
            : throw new InvalidDataException($"{name} lies outside the file: it was cut short.");
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
