namespace Sightline.Curation;

/// <summary>
/// A set of 64-bit hashes, 12 to 24 bytes each: what it is asked takes as long among ten million as among ten. Filled by one writer, then
/// read by any. Two texts of which a list holds one and a dataset the other share a hash once in 2^64 comparisons.
/// </summary>
internal sealed class HashedSet
{
    private ulong[] _slots = new ulong[16];

    internal int Count { get; private set; }

    internal void Add(ulong hash)
    {
        if (3 * (Count + 1) > 2 * _slots.Length)
        {
            var old = _slots;
            _slots = new ulong[2 * old.Length];
            Count = 0;
            foreach (var each in old)
            {
                if (each != 0)
                {
                    Put(each);
                }
            }
        }

        Put(NotZero(hash));
    }

    internal bool Contains(ulong hash)
    {
        hash = NotZero(hash);
        var mask = (ulong)_slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            var slot = _slots[at];
            if (slot == hash || slot == 0)
            {
                return slot != 0;
            }
        }
    }

    private void Put(ulong hash)
    {
        var mask = (ulong)_slots.Length - 1;
        var at = hash & mask;
        while (_slots[at] != 0)
        {
            if (_slots[at] == hash)
            {
                return;
            }

            at = (at + 1) & mask;
        }

        _slots[at] = hash;
        Count++;
    }

    // Zero marks what is empty.
    private static ulong NotZero(ulong hash) => hash == 0 ? 1 : hash;
}
