namespace Sightline.Curation;

/// <summary>The rows that a filter compares, and the order in which they are kept. Memory: 12 bytes a row, and 8 to 12 more while they are
/// added and put in order.</summary>
internal sealed class RankedRows
{
    private readonly List<long> _rows = [];
    private readonly List<float> _ranks = [];

    internal int Count => _rows.Count;

    /// <summary>The row with a number from 0, in the order of adding.</summary>
    internal long this[int number] => _rows[number];

    internal void Add(long row, float rank)
    {
        if (_rows.Count == Array.MaxLength)
        {
            throw new RecipeException($"More than {Array.MaxLength} pairs cannot be compared at once: filter them first.");
        }

        _rows.Add(row);
        _ranks.Add(rank);
    }

    /// <summary>Numbers of the rows from the one to keep first to the one to drop first; once, when all are added.</summary>
    internal int[] Order()
    {
        var order = new int[_rows.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        // Numbers go up with rows, so equal ranks stay in the order of rows.
        if (!_ranks.TrueForAll(rank => rank == 0))
        {
            var keys = new (float Rank, int Number)[order.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = (-_ranks[i], i);
            }

            Array.Sort(keys, order);
        }

        _rows.TrimExcess();
        _ranks.Clear();
        _ranks.TrimExcess();
        return order;
    }
}
