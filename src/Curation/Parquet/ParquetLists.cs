namespace Sightline.Curation.Parquet;

/// <summary>A list of values for each row.</summary>
public sealed class ParquetLists : ParquetValues
{
    private readonly int[] _starts;
    private readonly bool[]? _nulls;

    /// <param name="starts">Of each row's first item, and the end of the last.</param>
    internal ParquetLists(ParquetColumn column, ParquetValues items, int[] starts, bool[]? nulls)
        : base(column, starts.Length - 1, null) => (Items, _starts, _nulls) = (items, starts, nulls);

    /// <summary>The items of all rows, one after the other; they may be null themselves.</summary>
    public ParquetValues Items { get; }

    public override bool HasNulls => _nulls is not null;

    public override bool IsNull(int row) => _nulls is not null && _nulls[row];

    /// <summary>Which of <see cref="Items"/> are the row's; none if it is null or empty.</summary>
    public Range ItemsOf(int row) => _starts[row].._starts[row + 1];

    private protected override object PresentValue(int row)
    {
        var items = new object?[_starts[row + 1] - _starts[row]];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Items.Value(_starts[row] + i);
        }

        return items;
    }
}
