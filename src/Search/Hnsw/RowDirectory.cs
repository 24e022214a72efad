namespace Sightline.Search;

/// <summary>
/// Finds the row of an image. Ids that lie close together, as those of one indexing run do, are looked up in a table; others by halving.
/// </summary>
internal sealed unsafe class RowDirectory
{
    // A table may be this many times as long as there are rows.
    private const int Sparsest = 4;

    private readonly NativeArray<long> _images;
    private readonly NativeArray<int> _rows;
    private readonly long _first;
    private readonly bool _isTable;

    internal RowDirectory(NativeArray<long> images)
    {
        _images = images;
        var rows = (int)images.Length;
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var image in images.Span(0, rows))
        {
            (first, last) = (Math.Min(first, image), Math.Max(last, image));
        }

        _first = first;
        _isTable = last - first < (long)Sparsest * rows;
        _rows = new NativeArray<int>(_isTable ? last - first + 1 : rows);
        var all = _rows.Span(0, (int)_rows.Length);
        if (_isTable)
        {
            all.Fill(-1);
        }

        for (var row = 0; row < rows; row++)
        {
            all[_isTable ? (int)(images.Pointer[row] - first) : row] = row;
        }

        if (!_isTable)
        {
            all.Sort((x, y) => images.Pointer[x].CompareTo(images.Pointer[y]));
        }
    }

    internal long Bytes => _rows.Bytes;

    /// <returns>-1 for an image that has no row.</returns>
    internal int Find(long image)
    {
        if (_isTable)
        {
            return (ulong)(image - _first) < (ulong)_rows.Length ? _rows.Pointer[image - _first] : -1;
        }

        var (low, high) = (0, (int)_rows.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var row = _rows.Pointer[middle];
            var found = _images.Pointer[row];
            if (found == image)
            {
                return row;
            }

            (low, high) = found < image ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
