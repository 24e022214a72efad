using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>Writes Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md). Fields come in the order of their
/// ids.</summary>
internal sealed class CompactWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Stack<int> _outer = [];
    private int _last;

    internal ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    internal void Int16(int id, short value)
    {
        Field(id, CompactType.Int16);
        Zigzag(value);
    }

    internal void Int32(int id, int value)
    {
        Field(id, CompactType.Int32);
        Zigzag(value);
    }

    internal void Int64(int id, long value)
    {
        Field(id, CompactType.Int64);
        Zigzag(value);
    }

    internal void Boolean(int id, bool value) => Field(id, value ? CompactType.True : CompactType.False);

    internal void Text(int id, string value) => Binary(id, Encoding.UTF8.GetBytes(value));

    internal void Binary(int id, ReadOnlySpan<byte> value)
    {
        Field(id, CompactType.Binary);
        Element(value);
    }

    /// <summary>Opens a structure in a field; <see cref="End"/> closes it.</summary>
    internal void Begin(int id)
    {
        Field(id, CompactType.Struct);
        BeginElement();
    }

    /// <summary>An empty structure: the sign for a member of a union that has no content.</summary>
    internal void Empty(int id)
    {
        Begin(id);
        End();
    }

    /// <summary>Begins a list; exactly <paramref name="count"/> elements follow.</summary>
    internal void List(int id, CompactType element, int count)
    {
        Field(id, CompactType.List);
        if (count < 15)
        {
            Byte((byte)(count << 4 | (int)element));
            return;
        }

        Byte((byte)(0xF0 | (int)element));
        Varint((ulong)count);
    }

    /// <summary>Opens a structure that is an element of a list, or the whole; <see cref="End"/> closes it.</summary>
    internal void BeginElement()
    {
        _outer.Push(_last);
        _last = 0;
    }

    internal void Element(int value) => Zigzag(value);

    internal void Element(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    internal void End()
    {
        Byte((byte)CompactType.Stop);
        _last = _outer.Pop();
    }

    private void Field(int id, CompactType type)
    {
        Debug.Assert(id > _last && id - _last < 16, "Parquet's ids are small and rise.");
        Byte((byte)((id - _last) << 4 | (int)type));
        _last = id;
    }

    private void Zigzag(long value) => Varint((ulong)(value << 1 ^ value >> 63));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
