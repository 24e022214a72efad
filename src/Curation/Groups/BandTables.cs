namespace Sightline.Curation;

/// <summary>
/// Captions by their bands, for which others that agree in one are looked for: one table with open addressing a band. Memory: 6.25 bytes a
/// band for each caption that there is room for. One thread adds; any may look, while none adds.
/// </summary>
internal sealed class BandTables
{
    private const double Load = 0.8;

    // What was compared a moment ago is not compared again for the next band.
    private const int Remembered = 32;

    private readonly int[][] _entries;
    private readonly byte[][] _tags;
    private readonly uint _slots;

    /// <param name="room">Captions that may be added.</param>
    internal BandTables(int bands, int room)
    {
        _slots = (uint)Math.Min(Array.MaxLength, (long)(room / Load) + 8);
        _entries = new int[bands][];
        _tags = new byte[bands][];
        for (var band = 0; band < bands; band++)
        {
            _entries[band] = new int[_slots];
            _tags[band] = new byte[_slots];
        }
    }

    internal void Clear()
    {
        for (var band = 0; band < _entries.Length; band++)
        {
            Array.Clear(_entries[band]);
        }
    }

    /// <param name="keys">One a band.</param>
    /// <param name="number">Of the caption, from 0.</param>
    internal void Add(ReadOnlySpan<uint> keys, int number)
    {
        for (var band = 0; band < keys.Length; band++)
        {
            var entries = _entries[band];
            var slot = SlotOf(keys[band]);
            while (entries[slot] != 0)
            {
                slot = slot + 1 == _slots ? 0 : slot + 1;
            }

            entries[slot] = number + 1;
            _tags[band][slot] = (byte)keys[band];
        }
    }

    /// <summary>A caption as alike as is asked for, the first in the order of bands and of adding; -1: none was found.</summary>
    /// <param name="keys">Of the caption that is looked for.</param>
    /// <param name="shingles">Its.</param>
    internal int Find(ReadOnlySpan<uint> keys, ReadOnlySpan<uint> shingles, ShingleStore store, double jaccard)
    {
        Span<int> remembered = stackalloc int[Remembered];
        remembered.Clear();
        var compared = 0;
        for (var band = 0; band < keys.Length; band++)
        {
            var (entries, tags) = (_entries[band], _tags[band]);
            for (var slot = SlotOf(keys[band]); entries[slot] is > 0 and var entry; slot = slot + 1 == _slots ? 0 : slot + 1)
            {
                if (tags[slot] != (byte)keys[band] || remembered.Contains(entry))
                {
                    continue;
                }

                if (CaptionShingles.AreAlike(shingles, store[entry - 1], jaccard))
                {
                    return entry - 1;
                }

                remembered[compared++ % Remembered] = entry;
            }
        }

        return -1;
    }

    // The tag is of the lowest bits, the slot of the highest.
    private uint SlotOf(uint key) => (uint)(((ulong)key * _slots) >> 32);
}
