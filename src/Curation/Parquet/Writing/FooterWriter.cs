using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>Writes the metadata at the end of a file (parquet.thrift, FileMetaData and what it holds).</summary>
internal sealed class FooterWriter(IReadOnlyList<ParquetField> fields, Codec codec)
{
    private readonly CompactWriter _writer = new();

    /// <returns>The footer, without the length and the magic behind it.</returns>
    internal ReadOnlySpan<byte> Write(
        IReadOnlyList<PlacedRowGroup> rowGroups, IReadOnlyDictionary<string, string> keyValues, string createdBy)
    {
        _writer.BeginElement();
        _writer.Int32(1, 1);
        WriteSchema();
        _writer.Int64(3, rowGroups.Sum(g => g.Rows));
        _writer.List(4, CompactType.Struct, rowGroups.Count);
        for (var i = 0; i < rowGroups.Count; i++)
        {
            WriteRowGroup(rowGroups[i], i);
        }

        if (keyValues.Count > 0)
        {
            _writer.List(5, CompactType.Struct, keyValues.Count);
            foreach (var (key, value) in keyValues)
            {
                _writer.BeginElement();
                _writer.Text(1, key);
                _writer.Text(2, value);
                _writer.End();
            }
        }

        _writer.Text(6, createdBy);
        _writer.List(7, CompactType.Struct, fields.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            // Without it readers may not trust the statistics (ColumnOrder, TYPE_ORDER).
            _writer.BeginElement();
            _writer.Empty(1);
            _writer.End();
        }

        _writer.End();
        return _writer.Written;
    }

    private void WriteSchema()
    {
        _writer.List(2, CompactType.Struct, fields.Count + 1);
        _writer.BeginElement();
        _writer.Text(4, "schema");
        _writer.Int32(5, fields.Count);
        _writer.End();
        foreach (var field in fields)
        {
            _writer.BeginElement();
            _writer.Int32(1, (int)TypeOf(field));
            _writer.Int32(3, (int)(field.IsOptional ? Repetition.Optional : Repetition.Required));
            _writer.Text(4, field.Name);
            WriteMeaning(field.Type);
            _writer.End();
        }
    }

    /// <summary>Both words for it: older readers know the converted type alone.</summary>
    private void WriteMeaning(ParquetType type)
    {
        switch (type)
        {
            case ParquetType.Text:
                _writer.Int32(6, (int)ConvertedType.Utf8);
                _writer.Begin(10);
                _writer.Empty((int)LogicalKind.String);
                _writer.End();
                break;
            case ParquetType.Json:
                _writer.Int32(6, (int)ConvertedType.Json);
                _writer.Begin(10);
                _writer.Empty((int)LogicalKind.Json);
                _writer.End();
                break;
            case ParquetType.Timestamp:
                _writer.Int32(6, (int)ConvertedType.TimestampMicros);
                _writer.Begin(10);
                _writer.Begin((int)LogicalKind.Timestamp);
                _writer.Boolean(1, true);
                _writer.Begin(2);
                _writer.Empty((int)TimeUnit.Micros);
                _writer.End();
                _writer.End();
                _writer.End();
                break;
        }
    }

    private void WriteRowGroup(PlacedRowGroup rowGroup, int index)
    {
        _writer.BeginElement();
        _writer.List(1, CompactType.Struct, rowGroup.Columns.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            _writer.BeginElement();
            _writer.Int64(2, 0);
            _writer.Begin(3);
            WriteChunk(fields[i], rowGroup.Columns[i]);
            _writer.End();
            _writer.End();
        }

        _writer.Int64(2, rowGroup.Columns.Sum(c => c.UncompressedLength));
        _writer.Int64(3, rowGroup.Rows);
        _writer.Int64(5, rowGroup.Columns[0].Offset);
        _writer.Int64(6, rowGroup.Columns.Sum(c => c.CompressedLength));
        if (index <= short.MaxValue)
        {
            _writer.Int16(7, (short)index);
        }

        _writer.End();
    }

    private void WriteChunk(ParquetField field, PlacedChunk chunk)
    {
        _writer.Int32(1, (int)TypeOf(field));
        int[] encodings = [.. chunk.PageCounts.Keys.Select(k => (int)k.Encoding).Append((int)PageEncoding.Rle).Distinct().Order()];
        _writer.List(2, CompactType.Int32, encodings.Length);
        foreach (var encoding in encodings)
        {
            _writer.Element(encoding);
        }

        _writer.List(3, CompactType.Binary, 1);
        _writer.Element(Encoding.UTF8.GetBytes(field.Name));
        _writer.Int32(4, (int)codec);
        _writer.Int64(5, chunk.Values);
        _writer.Int64(6, chunk.UncompressedLength);
        _writer.Int64(7, chunk.CompressedLength);
        _writer.Int64(9, chunk.Offset + chunk.DictionaryLength);
        if (chunk.DictionaryLength > 0)
        {
            _writer.Int64(11, chunk.Offset);
        }

        WriteStatistics(chunk.Statistics);
        _writer.List(13, CompactType.Struct, chunk.PageCounts.Count);
        foreach (var ((type, encoding), count) in chunk.PageCounts)
        {
            _writer.BeginElement();
            _writer.Int32(1, (int)type);
            _writer.Int32(2, (int)encoding);
            _writer.Int32(3, count);
            _writer.End();
        }
    }

    private void WriteStatistics(ChunkStatistics statistics)
    {
        _writer.Begin(12);
        _writer.Int64(3, statistics.Nulls);
        if (statistics is { Least: { } least, Most: { } most })
        {
            _writer.Binary(5, most);
            _writer.Binary(6, least);
            _writer.Boolean(7, true);
            _writer.Boolean(8, true);
        }

        _writer.End();
    }

    private static PhysicalType TypeOf(ParquetField field) => field.Type switch
    {
        ParquetType.Boolean => PhysicalType.Boolean,
        ParquetType.Int32 => PhysicalType.Int32,
        ParquetType.Int64 or ParquetType.Timestamp => PhysicalType.Int64,
        ParquetType.Float => PhysicalType.Float,
        ParquetType.Double => PhysicalType.Double,
        _ => PhysicalType.ByteArray,
    };
}
