namespace Sightline.Curation.Parquet;

/// <summary>A page, decompressed.</summary>
/// <param name="Header">As it stands in the file.</param>
/// <param name="Repetition">Null where the column has no lists.</param>
/// <param name="Definition">Null where the column has no nulls.</param>
/// <param name="Data">The values.</param>
internal readonly record struct Page(PageHeader Header, LevelReader? Repetition, LevelReader? Definition, EncodedBytes Data);
