namespace Sightline.Curation;

/// <summary>A random subset of the pairs that are left: those with the largest hash of row and seed. Memory is flat.</summary>
public sealed class RandomSubset(SubsetSize size) : GroupFilter(
    "random_subset", new DropReason("not_drawn", $"not among {size} drawn at random"))
{
    internal static FilterDefinition Definition { get; } = new(
        "random_subset", "Random subset", "Pairs drawn at random, so many or such a share.", SubsetSize.Parameters,
        a => new RandomSubset(SubsetSize.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns => PartColumns.None;

    /// <inheritdoc/>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var take = size.Of(run.Left);
        var cut = new RadixCut<ulong>(take);
        while (take > 0)
        {
            Visit(run, (row, hash) => cut.Count(hash), cancellationToken);
            if (!cut.Narrow())
            {
                break;
            }
        }

        Visit(run, (row, hash) =>
        {
            if (take == 0 || !cut.Takes(hash))
            {
                run.Drop(row, 0);
            }
        }, cancellationToken);
    }

    private static void Visit(GroupRun run, Action<long, ulong> visit, CancellationToken cancellationToken)
    {
        for (long row = 0; row < run.Pairs; row++)
        {
            if ((row & 0xFFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (run.IsLeft(row))
            {
                visit(row, SeededHash.Of(run.Seed, row));
            }
        }
    }
}
