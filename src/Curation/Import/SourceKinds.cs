namespace Sightline.Curation.Import;

/// <summary>Tells the formats of single files.</summary>
internal static class SourceKinds
{
    /// <summary>By the ending, and where that says too little by the beginning; null where neither tells.</summary>
    /// <exception cref="PairSourceException">The file cannot be read.</exception>
    internal static string? FormatOf(string file) => OfName(file) ?? (EndingOf(file) switch
    {
        ".json" => JsonShapes.Of(file) switch
        {
            JsonShape.Coco => CocoSource.Coco,
            JsonShape.None => null,
            _ => JsonSource.Lines,
        },
        ".txt" => OfText(file),
        _ => null,
    });

    /// <summary>By the ending alone.</summary>
    internal static string? OfName(string file) => EndingOf(file) switch
    {
        ".tar" => File.Exists(Img2DatasetSource.TableOf(file)) ? Img2DatasetSource.Img2Dataset : WebDatasetSource.WebDataset,
        ".csv" => DelimitedSource.Csv,
        ".tsv" or ".tab" => DelimitedSource.Tsv,
        ".jsonl" or ".ndjson" => JsonSource.Lines,
        ".parquet" or ".pq" => ParquetTableSource.Parquet,
        _ => null,
    };

    /// <summary>In lower case; .gz is none, but for what lies before it.</summary>
    internal static string EndingOf(string file)
    {
        var ending = Path.GetExtension(file).ToLowerInvariant();
        return ending == ".gz" ? Path.GetExtension(file[..^3]).ToLowerInvariant() : ending;
    }

    /// <summary>Addresses, or a table with tabs.</summary>
    private static string? OfText(string file)
    {
        using var stream = SourceStream.Open(file);
        var lines = new LineReader(stream);
        while (lines.TryAdvance())
        {
            var line = PairRow.Trim(lines.Line);
            if (!line.IsEmpty)
            {
                return line.Contains((byte)'\t') ? DelimitedSource.Tsv : PairRow.IsAddress(line) ? TextSource.Text : null;
            }
        }

        return null;
    }
}
