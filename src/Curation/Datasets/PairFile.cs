using Sightline.Curation.Parquet;

namespace Sightline.Curation;

/// <summary>A part's pairs as a Parquet file, which other programs read too.</summary>
internal static class PairFile
{
    private static readonly ParquetField[] Fields =
    [
        new("width", ParquetType.Int32), new("height", ParquetType.Int32), new("similarity", ParquetType.Float), new("key", ParquetType.Text),
        new("caption", ParquetType.Text), new("image", ParquetType.Text), new("url", ParquetType.Text), new("sha256", ParquetType.Text),
        new("extra", ParquetType.Json),
    ];

    private static readonly (PartColumns Column, string Name, Func<PairBatch, Utf8Column> Of)[] Texts =
    [
        (PartColumns.Keys, "key", b => b.Keys), (PartColumns.Captions, "caption", b => b.Captions), (PartColumns.Images, "image", b => b.Images),
        (PartColumns.Urls, "url", b => b.Urls), (PartColumns.Sha256s, "sha256", b => b.Sha256s), (PartColumns.Extras, "extra", b => b.Extras),
    ];

    /// <param name="notes">Kept in the file beside the pairs.</param>
    internal static void Write(string path, PairBatch pairs, IReadOnlyDictionary<string, string> notes)
    {
        using var file = AtomicFile.Create(path);
        using var writer = new ParquetWriter(file.Stream, Fields, new ParquetWriteOptions { KeyValues = notes, RowGroupRows = PairDataset.PartRows });
        WritePixels(pairs.Widths, writer.ColumnAt(0));
        WritePixels(pairs.Heights, writer.ColumnAt(1));
        WriteSimilarities(pairs.Similarities, writer.ColumnAt(2));
        for (var i = 0; i < Texts.Length; i++)
        {
            WriteTexts(Texts[i].Of(pairs), writer.ColumnAt(3 + i));
        }

        writer.EndRows(pairs.Count);
        writer.Finish();
        file.Commit();
    }

    // What is not given is null.
    private static void WritePixels(ReadOnlySpan<int> pixels, ColumnWriter column)
    {
        foreach (var value in pixels)
        {
            if (value > 0)
            {
                column.Add((long)value);
            }
            else
            {
                column.AddNull();
            }
        }
    }

    private static void WriteSimilarities(ReadOnlySpan<float> similarities, ColumnWriter column)
    {
        foreach (var value in similarities)
        {
            if (float.IsNaN(value))
            {
                column.AddNull();
            }
            else
            {
                column.Add((double)value);
            }
        }
    }

    private static void WriteTexts(Utf8Column texts, ColumnWriter column)
    {
        for (var row = 0; row < texts.Count; row++)
        {
            if (texts[row] is { IsEmpty: false } text)
            {
                column.Add(text);
            }
            else
            {
                column.AddNull();
            }
        }
    }

    internal static IReadOnlyDictionary<string, string> ReadNotes(string path)
    {
        using var file = ParquetFile.Open(path);
        return file.KeyValues;
    }

    /// <summary>Reads some pairs, and of the file only the pages that they are in.</summary>
    /// <param name="rows">Places in the part, ascending.</param>
    /// <returns>A batch of these alone, its first row 0.</returns>
    internal static PairBatch ReadRows(string path, PartColumns columns, IReadOnlyList<int> rows, CancellationToken cancellationToken)
    {
        using var file = ParquetFile.Open(path);
        var texts = Texts.Where(t => columns.HasFlag(t.Column)).ToList();
        var batch = new PairBatch(0);
        string[] names = [.. Fields.Take(3).Select(f => f.Name), .. texts.Select(t => t.Name)];
        foreach (var row in file.ReadRows(names, [.. rows.Select(r => (long)r)], cancellationToken))
        {
            batch.AddNumbers((int)(row.Int64(0) ?? 0), (int)(row.Int64(1) ?? 0), (float)(row.Double(2) ?? float.NaN));
            for (var i = 0; i < texts.Count; i++)
            {
                texts[i].Of(batch).Add(((ParquetBytes)row.Batch.Columns[3 + i]).Span(row.Row));
            }
        }

        return batch;
    }

    internal static PairBatch Read(string path, long firstRow, PartColumns columns, CancellationToken cancellationToken)
    {
        using var file = ParquetFile.Open(path);
        var texts = Texts.Where(t => columns.HasFlag(t.Column)).ToList();
        var batch = new PairBatch(firstRow);
        foreach (var rows in file.Read([.. Fields.Take(3).Select(f => f.Name), .. texts.Select(t => t.Name)], cancellationToken))
        {
            var widths = (ParquetScalars<int>)rows.Columns[0];
            var heights = (ParquetScalars<int>)rows.Columns[1];
            var similarities = (ParquetScalars<float>)rows.Columns[2];
            for (var row = 0; row < rows.Count; row++)
            {
                batch.AddNumbers(widths.Values[row], heights.Values[row], similarities.IsNull(row) ? float.NaN : similarities.Values[row]);
            }

            for (var i = 0; i < texts.Count; i++)
            {
                var values = (ParquetBytes)rows.Columns[3 + i];
                var column = texts[i].Of(batch);
                column.Reserve(rows.Count, values.Length);
                for (var row = 0; row < rows.Count; row++)
                {
                    column.Add(values.Span(row));
                }
            }
        }

        return batch;
    }
}
