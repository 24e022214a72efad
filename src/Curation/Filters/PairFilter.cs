namespace Sightline.Curation;

/// <summary>What a filter costs a pair, which orders the filters of a run: cheapest first.</summary>
public enum FilterCost
{
    /// <summary>Compares stored numbers.</summary>
    Number,

    /// <summary>Counts over the caption.</summary>
    Count,

    /// <summary>Looks for patterns in the caption.</summary>
    Pattern,

    /// <summary>Identifies the caption's language.</summary>
    Language,

    /// <summary>Remembers the pairs before.</summary>
    Memory,
}

/// <summary>A rule that drops pairs, each with a reason. Immutable unless its cost is <see cref="FilterCost.Memory"/>; thread-safe.</summary>
/// <param name="name">As recipes and reports call it.</param>
/// <param name="cost">Where it stands among the others.</param>
/// <param name="reasons">Why it drops pairs, in words for a report: by the numbers that <see cref="Check"/> gives.</param>
public abstract class PairFilter(string name, FilterCost cost, params IReadOnlyList<string> reasons)
{
    /// <summary>Nothing speaks against the pair.</summary>
    protected const int Keep = -1;

    public string Name => name;

    public FilterCost Cost => cost;

    public IReadOnlyList<string> Reasons => reasons;

    /// <returns>The number of the reason to drop the pair; <see cref="Keep"/>: none.</returns>
    /// <param name="facts">Of the pair's caption.</param>
    public abstract int Check(in Pair pair, in CaptionFacts facts);
}
