namespace Sightline.Curation;

/// <summary>The most similar pairs, found without holding the similarities in memory.</summary>
internal static class Similarities
{
    /// <param name="ofLeft">Of the pairs that are left, or of all.</param>
    internal static long CountKnown(GroupRun run, bool ofLeft, CancellationToken cancellationToken)
    {
        long known = 0;
        Visit(run, ofLeft, (_, similarity) => known += float.IsNaN(similarity) ? 0 : 1, cancellationToken);
        return known;
    }

    /// <summary>Drops the pairs that are left and not among the most similar.</summary>
    /// <param name="take">How many are, of those that have a similarity.</param>
    /// <param name="ofLeft">They are chosen among the pairs that are left, or among all.</param>
    /// <param name="unknown">The reason for pairs without a similarity; negative: they are kept.</param>
    /// <param name="below">The reason for the others.</param>
    internal static void DropBelow(GroupRun run, long take, bool ofLeft, int unknown, int below, CancellationToken cancellationToken)
    {
        var cut = new RadixCut<uint>(take);
        while (take > 0)
        {
            Visit(run, ofLeft, (_, similarity) =>
            {
                if (!float.IsNaN(similarity))
                {
                    cut.Count(SortableFloat.Of(similarity));
                }
            }, cancellationToken);
            if (!cut.Narrow())
            {
                break;
            }
        }

        Visit(run, ofLeft, (row, similarity) =>
        {
            var isKnown = !float.IsNaN(similarity);
            var isTop = isKnown ? take > 0 && cut.Takes(SortableFloat.Of(similarity)) : unknown < 0;
            if (!isTop && run.IsLeft(row))
            {
                run.Drop(row, isKnown ? below : unknown);
            }
        }, cancellationToken);
    }

    private static void Visit(GroupRun run, bool ofLeft, Action<long, float> visit, CancellationToken cancellationToken)
    {
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Count; i++)
            {
                if (!ofLeft || run.IsLeft(part.FirstRow + i))
                {
                    visit(part.FirstRow + i, part[i].Similarity);
                }
            }
        }
    }
}
