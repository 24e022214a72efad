using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sightline.Curation.Export;

/// <summary>Which pairs go where, settled before anything is written.</summary>
/// <param name="Parts">Of the dataset.</param>
/// <param name="Shards">By split, then by number.</param>
internal sealed record ExportPlan(
    PlanIdentity Identity, SplitTable Splits, PairSelection Selection, ExportCounts Counts, IReadOnlyList<PlannedPart> Parts,
    IReadOnlyList<PlannedShard> Shards, string Rows);

/// <param name="Verdicts">Their digest.</param>
/// <param name="Exported">Pairs by split.</param>
internal sealed record PlannedPart(int Number, byte[] Verdicts, int[] Exported)
{
    /// <exception cref="ExportException">They are not those of the plan any more.</exception>
    internal ushort[] ReadVerdicts(RunVerdicts run)
    {
        var verdicts = run.Read(Number);
        return SHA256.HashData(MemoryMarshal.AsBytes(verdicts.AsSpan())).AsSpan().SequenceEqual(Verdicts)
            ? verdicts
            : throw new ExportException("The run's verdicts changed while it was exported: export again.");
    }
}

/// <summary>Consecutive pairs of a split that are written together, or not at all.</summary>
/// <param name="Number">In the split, from 0.</param>
/// <param name="First">Place of its first pair among those of the split.</param>
/// <param name="Name">With its folder, without an ending: <c>train/00003</c>.</param>
internal sealed record PlannedShard(int Split, string SplitName, int Number, long First, long Pairs, string Name)
{
    internal long End => First + Pairs;
}
