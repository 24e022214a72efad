namespace Sightline.Curation.Export;

/// <summary>Which pairs go where, settled before anything is written.</summary>
/// <param name="Parts">Of the dataset.</param>
/// <param name="Shards">By split, then by number.</param>
internal sealed record ExportPlan(
    PlanIdentity Identity, SplitTable Splits, PairSelection Selection, ExportCounts Counts, IReadOnlyList<PlannedPart> Parts,
    IReadOnlyList<PlannedShard> Shards, string Rows);

/// <param name="Verdicts">Their digest: they must be the same when the pairs are written.</param>
/// <param name="Exported">Pairs by split.</param>
internal sealed record PlannedPart(byte[] Verdicts, int[] Exported);

/// <summary>Consecutive pairs of a split that are written together, or not at all.</summary>
/// <param name="Number">In the split, from 0.</param>
/// <param name="First">Place of its first pair among those of the split.</param>
/// <param name="Name">With its folder, without an ending: <c>train/00003</c>.</param>
internal sealed record PlannedShard(int Split, string SplitName, int Number, long First, long Pairs, string Name)
{
    internal long End => First + Pairs;
}
