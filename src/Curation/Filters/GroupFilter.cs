namespace Sightline.Curation;

/// <summary>
/// A rule that judges pairs by the others that are left: duplicates, balance, a share of the best, a diverse subset. It runs after all
/// filters of single pairs, in the recipe's order, and must give the same result for the same pairs, recipe and seed.
/// </summary>
/// <param name="name">As recipes and reports call it.</param>
/// <param name="reasons">By the numbers that <see cref="GroupRun.Drop"/> is given.</param>
public abstract class GroupFilter(string name, params IReadOnlyList<DropReason> reasons) : CurationFilter(name, reasons)
{
    /// <summary>What it reads of the pairs.</summary>
    public abstract PartColumns Columns { get; }

    public abstract void Run(GroupRun run, CancellationToken cancellationToken);
}
