namespace Sightline.Curation;

/// <summary>A rule that drops pairs, each for one of its reasons: a <see cref="PairFilter"/> looks at one pair, a
/// <see cref="GroupFilter"/> at all that are left.</summary>
/// <param name="name">As recipes and reports call it.</param>
/// <param name="reasons">By the numbers that the filter gives; the code without the filter's name.</param>
public abstract class CurationFilter(string name, IReadOnlyList<DropReason> reasons)
{
    public string Name { get; } = name;

    public IReadOnlyList<DropReason> Reasons { get; } = [.. reasons.Select(r => r with { Code = $"{name}.{r.Code}" })];
}
