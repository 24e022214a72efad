namespace Sightline.Search;

/// <summary>
/// Which rows are gone, and since when: the one thing about a segment that changes. A search sees the rows as they were when it began,
/// so that an image that moves meanwhile from one row to another is not missed in both. One writer, readers without a lock.
/// </summary>
internal sealed class RowDeletions(int rows)
{
    // The version in which each row went; 0: it is there. Made with the first deletion.
    private uint[]? _since;
    private int _count;

    /// <param name="bits">What <see cref="ToBits"/> gave.</param>
    internal RowDeletions(int rows, ReadOnlySpan<byte> bits)
        : this(rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if ((bits[row >> 3] >> (row & 7) & 1) != 0)
            {
                Delete(row, version: 1);
            }
        }
    }

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Length of <see cref="ToBits"/>.</summary>
    internal static int BytesFor(int rows) => (rows + 7) / 8;

    /// <summary>The row was gone in this version.</summary>
    internal bool IsDeleted(int row, uint version) =>
        Volatile.Read(ref _since) is { } since && Volatile.Read(ref since[row]) is var at and not 0 && at <= version;

    /// <param name="version">From which on the row is gone; at least 1.</param>
    /// <returns>The row was there.</returns>
    internal bool Delete(int row, uint version)
    {
        var since = _since;
        if (since is null)
        {
            since = new uint[rows];
            Volatile.Write(ref _since, since);
        }

        if (since[row] != 0)
        {
            return false;
        }

        Volatile.Write(ref since[row], version);
        Volatile.Write(ref _count, _count + 1);
        return true;
    }

    /// <summary>One bit for each row, least significant first.</summary>
    internal byte[] ToBits()
    {
        var bits = new byte[BytesFor(rows)];
        for (var row = 0; _since is not null && row < rows; row++)
        {
            bits[row >> 3] |= (byte)(_since[row] == 0 ? 0 : 1 << (row & 7));
        }

        return bits;
    }
}
