namespace Sightline.Training.Runs;

/// <summary>What <c>state.json</c> of a checkpoint says.</summary>
/// <param name="Version">Of this format.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Of the whole training, as its configuration had it then.</param>
/// <param name="Origin">What the training is made of; a resumed one is made of the same.</param>
/// <param name="Updates">Steps done, less those skipped.</param>
/// <param name="SkippedInARow">Of the last steps, how many were skipped.</param>
/// <param name="ValidatedStep">Steps done at the last validation; -1 before the first.</param>
/// <param name="SampledStep">Steps done at the last samples; -1 before the first.</param>
/// <param name="BestStep">Steps done at the best validation.</param>
/// <param name="Sums">What the next line of metrics is the mean of.</param>
internal sealed record CheckpointState(
    int Version, long Step, long Steps, TrainingOrigin Origin, long Updates, int SkippedInARow, long ValidatedStep, long SampledStep,
    long? BestStep, double? BestScore, IReadOnlyDictionary<string, MetricSum> Sums)
{
    internal const int CurrentVersion = 1;
}

/// <param name="Total">Sum of a figure over <paramref name="Count"/> steps.</param>
internal sealed record MetricSum(double Total, long Count);

/// <summary>What a training is made of; stands in every checkpoint and exported model.</summary>
/// <param name="Kind"><c>clip</c>, <c>dvae</c>, <c>prior</c>.</param>
/// <param name="Seed">Of all chance in it.</param>
/// <param name="ConfigDigest">SHA-256 of what the configuration says of each step.</param>
/// <param name="DataDigest">Of <see cref="Data.ITrainingData"/>.</param>
/// <param name="Commit">Of the program that trains; may change.</param>
/// <param name="Device">As libtorch names it, with the precision: <c>cpu, bf16</c>; may change.</param>
internal sealed record TrainingOrigin(string Kind, long Seed, string ConfigDigest, string DataDigest, string Commit, string Device)
{
    /// <summary>What stands against going on from a checkpoint of another origin; null: nothing.</summary>
    internal string? Conflict(TrainingOrigin saved) =>
        Kind != saved.Kind ? $"it is of a {saved.Kind}, not of a {Kind}"
        : Seed != saved.Seed ? $"its seed is {saved.Seed}, not {Seed}"
        : ConfigDigest != saved.ConfigDigest ? "its configuration was another (only the number of steps and how often something is written may change)"
        : DataDigest != saved.DataDigest ? $"its data had the digest {saved.DataDigest}, not {DataDigest}"
        : null;
}
