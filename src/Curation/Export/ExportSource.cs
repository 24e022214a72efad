namespace Sightline.Curation.Export;

/// <summary>What is exported: a dataset, and what a run says of its pairs.</summary>
/// <param name="Name">Of the dataset, for the manifest.</param>
/// <param name="Verdicts">Of every part of the dataset; not written to meanwhile.</param>
/// <param name="Reasons">Codes of the run's reasons: verdict 1 is the first.</param>
/// <param name="Recipe">JSON, which the manifest has as it is.</param>
public sealed record ExportSource(string Name, PairDataset Dataset, RunVerdicts Verdicts, IReadOnlyList<string> Reasons, string Recipe)
{
    /// <summary>What stands for a reason where a person dropped the pair.</summary>
    public const string ByHand = "by_hand";

    /// <exception cref="ExportException">The run has no such reason.</exception>
    internal string ReasonOf(ushort verdict, long row) => verdict == RunVerdicts.DroppedByHand
        ? ByHand
        : verdict <= Reasons.Count
            ? Reasons[verdict - 1]
            : throw new ExportException(
                $"Pair {row} was dropped for reason {verdict}, and the run has {Reasons.Count}: run the recipe again.");
}
