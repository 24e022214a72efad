namespace Sightline.Curation;

/// <summary>What a filter reads of a pair, which orders the filters of a run: cheapest first.</summary>
public enum FilterCost
{
    /// <summary>Stored numbers only: facts and measures.</summary>
    Numbers,

    /// <summary>The pair's texts.</summary>
    Texts,
}

/// <summary>A rule that judges each pair on its own. Immutable and thread-safe.</summary>
/// <param name="name">As recipes and reports call it.</param>
/// <param name="cost">Where it stands among the others.</param>
/// <param name="reasons">By the numbers that <see cref="Check"/> gives.</param>
public abstract class PairFilter(string name, FilterCost cost, params IReadOnlyList<DropReason> reasons) : CurationFilter(name, reasons)
{
    /// <summary>Nothing speaks against the pair.</summary>
    public const int Keep = -1;

    public FilterCost Cost { get; } = cost;

    /// <summary>What it drops all pairs without: a run over a dataset of which no pair has it is refused. Null: nothing.</summary>
    public virtual PairField? Needs => null;

    /// <returns>The number of the reason to drop the pair; <see cref="Keep"/>: none.</returns>
    public abstract int Check(in Pair pair);
}
