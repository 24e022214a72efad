using System.Runtime.CompilerServices;

namespace Sightline.Curation.Languages;

/// <summary>
/// Finds the row of an n-gram by its hash: open addressing with half of the slots empty, key and row side by side, so that an n-gram
/// costs one look into memory, known or not.
/// </summary>
internal sealed class NgramIndex
{
    internal const int None = -1;

    // The key above, the row plus one below; 0 is an empty slot.
    private readonly ulong[] _slots;
    private readonly int _mask;

    /// <param name="keys">Each once; a key's place is its row.</param>
    internal NgramIndex(ReadOnlySpan<uint> keys)
    {
        var slots = 1;
        while (slots < keys.Length * 2)
        {
            slots *= 2;
        }

        (_slots, _mask) = (new ulong[slots], slots - 1);
        for (var i = 0; i < keys.Length; i++)
        {
            var slot = (int)keys[i] & _mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & _mask;
            }

            _slots[slot] = ((ulong)keys[i] << 32) | (uint)(i + 1);
        }
    }

    /// <summary>Says that a key will be looked for.</summary>
    internal void Prefetch(uint key) => Prefetching.Fetch(ref Unsafe.As<ulong, byte>(ref _slots[(int)key & _mask]));

    /// <returns>The row, or <see cref="None"/>.</returns>
    internal int Find(uint key)
    {
        for (var i = (int)key & _mask; ; i = (i + 1) & _mask)
        {
            var slot = _slots[i];
            if (slot == 0 || (uint)(slot >> 32) == key)
            {
                return (int)(uint)slot - 1;
            }
        }
    }
}
