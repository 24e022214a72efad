using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Reads Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md), which Parquet's footer and page headers are written in.
/// Lengths and counts are held against the bytes that are left before anything is allocated for them.
/// </summary>
/// <exception cref="InvalidDataException">Thrown by every method: the bytes break a rule of the protocol, or a field has a type that its
/// place does not allow.</exception>
/// <exception cref="EndOfStreamException">Thrown by every method: the bytes end in the middle of a value.</exception>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Deeper structures than Parquet's own come only from an attack on the stack; its deepest has 7 levels.</summary>
    private const int DeepestNesting = 32;

    private const int LongestVarint = 10;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    internal int Position { get; private set; }

    /// <summary>Reads the header of the next field.</summary>
    /// <param name="id">The id of the field before, 0 at first; then this one's.</param>
    /// <returns>False at the end of the structure.</returns>
    internal bool NextField(ref int id, out CompactType type)
    {
        var header = ReadByte();
        type = (CompactType)(header & 0x0F);
        if (type == CompactType.Stop)
        {
            return false;
        }

        id = header >> 4 is not 0 and var delta ? id + delta : (int)ReadZigzag(short.MinValue, short.MaxValue);
        return id is > 0 and <= short.MaxValue ? true : throw new InvalidDataException($"a field has the number {id}.");
    }

    internal static bool ReadBoolean(CompactType type) => type switch
    {
        CompactType.True => true,
        CompactType.False => false,
        _ => throw Unexpected(type, CompactType.True),
    };

    internal int ReadInt32(CompactType type) => type is CompactType.Int32 or CompactType.Int16
        ? (int)ReadZigzag(int.MinValue, int.MaxValue)
        : throw Unexpected(type, CompactType.Int32);

    internal long ReadInt64(CompactType type) => type is CompactType.Int64 or CompactType.Int32
        ? ReadZigzag(long.MinValue, long.MaxValue)
        : throw Unexpected(type, CompactType.Int64);

    internal sbyte ReadInt8(CompactType type) => type == CompactType.Byte ? (sbyte)ReadByte() : throw Unexpected(type, CompactType.Byte);

    internal ReadOnlySpan<byte> ReadBinary(CompactType type) => type == CompactType.Binary
        ? Take(ReadLength())
        : throw Unexpected(type, CompactType.Binary);

    internal string ReadText(CompactType type) => Encoding.UTF8.GetString(ReadBinary(type));

    /// <summary>Reads the header of a list.</summary>
    /// <returns>The count of elements that follow; each takes a byte at least, so it is never more than the bytes left.</returns>
    internal int ReadListHeader(CompactType type, CompactType element)
    {
        if (type != CompactType.List)
        {
            throw Unexpected(type, CompactType.List);
        }

        var count = ReadListHeader(out var actual);
        return actual == element || count == 0 ? count : throw Unexpected(actual, element);
    }

    /// <summary>Passes over a value that nobody needs.</summary>
    internal void Skip(CompactType type) => Skip(type, DeepestNesting);

    private void Skip(CompactType type, int depth)
    {
        if (depth == 0)
        {
            throw new InvalidDataException($"structures lie more than {DeepestNesting} deep in each other.");
        }

        switch (type)
        {
            case CompactType.True or CompactType.False: break;
            case CompactType.Byte: Take(1); break;
            case CompactType.Int16 or CompactType.Int32 or CompactType.Int64: ReadVarint(); break;
            case CompactType.Double: Take(8); break;
            case CompactType.Binary: Take(ReadLength()); break;
            case CompactType.Uuid: Take(16); break;
            case CompactType.List or CompactType.Set:
                for (var left = ReadListHeader(out var element); left > 0; left--)
                {
                    SkipElement(element, depth - 1);
                }

                break;
            case CompactType.Map: SkipMap(depth - 1); break;
            case CompactType.Struct:
                for (var id = 0; NextField(ref id, out var field);)
                {
                    Skip(field, depth - 1);
                }

                break;
            default: throw new InvalidDataException($"there is no type {(int)type}.");
        }
    }

    private void SkipMap(int depth)
    {
        var count = ReadLength();
        if (count == 0)
        {
            return;
        }

        var types = ReadByte();
        for (; count > 0; count--)
        {
            SkipElement((CompactType)(types >> 4), depth);
            SkipElement((CompactType)(types & 0x0F), depth);
        }
    }

    /// <summary>A boolean is part of a field's header, but a byte of its own in a list or map.</summary>
    private void SkipElement(CompactType type, int depth) =>
        Skip(type is CompactType.True or CompactType.False ? CompactType.Byte : type, depth);

    private int ReadListHeader(out CompactType element)
    {
        var header = ReadByte();
        element = (CompactType)(header & 0x0F);
        var count = header >> 4 is var small and < 15 ? small : ReadLength();
        return count <= _bytes.Length - Position ? count : throw new EndOfStreamException();
    }

    private int ReadLength()
    {
        var length = ReadVarint();
        return length <= (ulong)(_bytes.Length - Position) ? (int)length : throw new EndOfStreamException();
    }

    private long ReadZigzag(long least, long most)
    {
        var encoded = ReadVarint();
        var number = (long)(encoded >> 1) ^ -(long)(encoded & 1);
        return number >= least && number <= most ? number : throw new InvalidDataException($"{number} is out of its field's range.");
    }

    private ulong ReadVarint()
    {
        var number = 0ul;
        for (var i = 0; i < LongestVarint; i++)
        {
            var next = ReadByte();
            number |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException($"a number takes more than {LongestVarint} bytes.");
    }

    private byte ReadByte() => Position < _bytes.Length ? _bytes[Position++] : throw new EndOfStreamException();

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
        {
            throw new EndOfStreamException();
        }

        Position += count;
        return _bytes.Slice(Position - count, count);
    }

    private static InvalidDataException Unexpected(CompactType found, CompactType expected) =>
        new($"a field has the type {found}, where {expected} belongs.");
}
