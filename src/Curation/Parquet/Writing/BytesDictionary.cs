using System.Buffers;
using System.Buffers.Binary;

namespace Sightline.Curation.Parquet;

/// <summary>Distinct byte arrays in the order in which they came, kept as a dictionary's page has them.</summary>
internal sealed class BytesDictionary : IDisposable
{
    private const int LeastSlots = 256;

    private readonly PooledBuffer<byte> _written = new();
    private readonly List<(int Start, int Length, int Hash)> _entries = [];

    // Indices of entries plus one, by hash, the next free place taken; at most half full.
    private int[] _slots = new int[LeastSlots];

    internal int Count => _entries.Count;

    internal int Bytes => _written.WrittenCount;

    /// <summary>All entries in the encoding PLAIN.</summary>
    internal ReadOnlySpan<byte> Written => _written.WrittenSpan;

    internal ReadOnlySpan<byte> this[int index] => _written.WrittenSpan.Slice(_entries[index].Start, _entries[index].Length);

    /// <summary>Puts a byte array into a page in the encoding PLAIN: its length in four bytes, then itself.</summary>
    internal static void Write(ReadOnlySpan<byte> value, IBufferWriter<byte> into)
    {
        var span = into.GetSpan(sizeof(int) + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, value.Length);
        value.CopyTo(span[sizeof(int)..]);
        into.Advance(sizeof(int) + value.Length);
    }

    public void Dispose() => _written.Dispose();

    /// <summary>Finds a value, or adds it.</summary>
    internal int IndexOf(ReadOnlySpan<byte> value, out bool isKnown)
    {
        // Seeded anew in each process: nobody can prepare values that collide.
        var hasher = default(HashCode);
        hasher.AddBytes(value);
        var hash = hasher.ToHashCode();
        var slot = hash & (_slots.Length - 1);
        for (; _slots[slot] > 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            var index = _slots[slot] - 1;
            if (_entries[index].Hash == hash && this[index].SequenceEqual(value))
            {
                isKnown = true;
                return index;
            }
        }

        isKnown = false;
        _entries.Add((_written.WrittenCount + sizeof(int), value.Length, hash));
        Write(value, _written);
        _slots[slot] = Count;
        if (Count * 2 > _slots.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    internal void Clear()
    {
        _written.ResetWrittenCount();
        _entries.Clear();
        Array.Clear(_slots);
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            var slot = _entries[i].Hash & (_slots.Length - 1);
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = i + 1;
        }
    }
}
