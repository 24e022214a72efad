namespace Sightline.Curation;

/// <summary>A set of rows of a dataset: one bit a pair.</summary>
/// <param name="rows">Rows are below.</param>
internal sealed class RowSet(long rows)
{
    private readonly ulong[] _bits = new ulong[checked((int)((rows + 63) / 64))];

    internal bool Contains(long row) => (_bits[row >> 6] >> (int)(row & 63) & 1) != 0;

    internal void Add(long row) => _bits[row >> 6] |= 1UL << (int)(row & 63);
}
