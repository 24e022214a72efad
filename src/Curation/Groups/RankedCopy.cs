namespace Sightline.Curation;

/// <summary>A pair among those that share a key; sorted by key, then from the one to keep first to the one to drop first.</summary>
/// <param name="Key">Equal for copies of one another.</param>
/// <param name="Rank">Higher is kept sooner; equal ranks by row.</param>
internal readonly record struct RankedCopy(UInt128 Key, float Rank, long Row) : IComparable<RankedCopy>
{
    public int CompareTo(RankedCopy other) =>
        Key != other.Key ? Key.CompareTo(other.Key)
        : Rank != other.Rank ? other.Rank.CompareTo(Rank)
        : Row.CompareTo(other.Row);
}
