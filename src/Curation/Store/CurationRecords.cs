using Sightline.Curation.Import;
using Sightline.Search;

namespace Sightline.Curation;

public readonly record struct DatasetId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

public readonly record struct RunId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

public readonly record struct ExportId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <param name="Source">JSON: what was asked for, as the import reads it.</param>
/// <param name="Job">That works on it, or was the last to.</param>
/// <param name="ImportedAt">Null until all pairs are there.</param>
/// <param name="Statistics">Null until they are counted.</param>
public sealed record Dataset(
    DatasetId Id, string Name, string Source, JobId? Job, DateTimeOffset CreatedAt, DateTimeOffset? ImportedAt, long Pairs,
    IReadOnlyDictionary<string, long> Faults, IReadOnlyList<SourceFault> FaultExamples, DatasetStatistics? Statistics);

/// <param name="Recipe">As it was written.</param>
/// <param name="ResolvedRecipe">JSON with every setting spelt out.</param>
/// <param name="Folder">That relative paths in the recipe start from; null: it reads lists only.</param>
/// <param name="Report">Null until the run has ended.</param>
public sealed record Run(
    RunId Id, DatasetId Dataset, string Recipe, string ResolvedRecipe, string? Folder, JobId? Job, DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt, RunReport? Report);

/// <param name="Request">JSON.</param>
/// <param name="Manifest">JSON; null until the export has ended.</param>
public sealed record ExportRecord(
    ExportId Id, RunId Run, string Request, JobId? Job, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, string? Manifest);

/// <param name="Recipe">As it was written.</param>
public sealed record SavedRecipe(string Name, string Recipe, DateTimeOffset SavedAt);

/// <summary>How the pairs of a dataset are spread.</summary>
/// <param name="Images">Pairs whose image's bytes are at hand.</param>
/// <param name="Measured">Images that were measured.</param>
/// <param name="Embedded">Images that a model embedded.</param>
/// <param name="Unreadable">Images that could not be read or decoded.</param>
/// <param name="Fields">Every field of which at least one pair has a value.</param>
/// <param name="Languages">Most frequent first.</param>
public sealed record DatasetStatistics(
    long Images, long Measured, long Embedded, long Unreadable, IReadOnlyList<FieldCounts> Fields, IReadOnlyList<KeyValuePair<string, long>> Languages);

/// <param name="Edges">See <see cref="FieldHistogram.Edges"/>.</param>
/// <param name="Counts">Pairs in each bin.</param>
/// <param name="Unknown">Pairs without a value.</param>
public sealed record FieldCounts(PairField Field, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts, long Unknown);
