using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Import;

/// <summary>
/// Parquet as img2dataset, LAION, DataComp and Sightline write it. All that is no column is kept as extra, but for binary columns. A row
/// group that is damaged is one fault; those after it are read. Places of faults are rows from 0.
/// </summary>
internal sealed class ParquetTableSource(IReadOnlyList<string> files, PairSourceRequest request, string format = ParquetTableSource.Parquet)
    : FileSource(format, files, request)
{
    internal const string Parquet = "parquet";

    private static readonly JsonSerializerOptions ListOptions = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    protected override void CheckFile(string file)
    {
        using var table = Open(file);
        Choose(file, table, out _);
    }

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var table = Open(file);
        var names = Choose(file, table, out var map);
        using var row = NewRow(file, sink, map.Contains((int)PairColumn.Image) ? ImagesOf(file) : null);
        var text = new ArrayBufferWriter<byte>();
        var length = new FileInfo(file).Length;
        for (var i = 0; i < table.RowGroups; i++)
        {
            ReadRowGroup(file, table.ReadRowGroup(i, names, cancellationToken), i, batch =>
            {
                for (var r = 0; r < batch.Count; r++)
                {
                    TryFill(row, batch, r, map, text);
                    row.Submit(new Place("row", batch.FirstRow + r), batch.FirstRow + r);
                }

                sink.Advance((long)((double)length * (batch.FirstRow + batch.Count) / table.Rows));
            }, sink);
        }

        sink.Advance(length);
    }

    /// <exception cref="PairSourceException">The file cannot be opened.</exception>
    internal static ParquetFile Open(string file)
    {
        SourceStream.OpenFile(file).Dispose();
        try
        {
            return ParquetFile.Open(file);
        }
        catch (ParquetException e)
        {
            throw new PairSourceException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SourceStream.Unreadable(file, e);
        }
    }

    /// <summary>Takes batches until the row group ends or is damaged; what the taker throws goes through.</summary>
    internal static void ReadRowGroup(string file, IEnumerable<ParquetBatch> rowGroup, int number, Action<ParquetBatch> take, PairSink sink)
    {
        using var batches = rowGroup.GetEnumerator();
        while (true)
        {
            try
            {
                if (!batches.MoveNext())
                {
                    return;
                }
            }
            catch (ParquetException e)
            {
                sink.Fault(new Place("row group", number).ToString(), "damaged", e.Message);
                return;
            }
            catch (IOException e)
            {
                throw SourceStream.Unreadable(file, e);
            }

            take(batches.Current);
        }
    }

    /// <summary>The columns to read, and what each is.</summary>
    private string[] Choose(string file, ParquetFile table, out int[] map)
    {
        var columns = table.Columns;
        map = Names.Map(file, [.. columns.Select(c => c.Name)], NeedsCaption);
        var chosen = new List<string>();
        var chosenMap = new List<int>();
        for (var i = 0; i < columns.Count; i++)
        {
            var isExtra = map[i] < 0;
            if (isExtra && (Names.Omits(columns[i].Name) || columns[i].Unreadable is not null || columns[i].Type == ParquetType.Bytes
                || columns.Count(c => c.Name == columns[i].Name) > 1))
            {
                continue;
            }

            if (!isExtra && (columns[i].Unreadable ?? (columns[i].IsList ? "it holds lists." : null)) is { } cause)
            {
                throw new PairSourceException($"{file}: the column {columns[i].Name} cannot be read: {cause}");
            }

            chosen.Add(columns[i].Name);
            chosenMap.Add(map[i]);
        }

        map = [.. chosenMap];
        return [.. chosen];
    }

    private static void TryFill(PairRow row, ParquetBatch batch, int index, int[] map, ArrayBufferWriter<byte> text)
    {
        try
        {
            Fill(row, batch, index, map, text);
        }
        catch (ParquetException e)
        {
            row.Fail("bad_value", e.Message);
        }
    }

    private static void Fill(PairRow row, ParquetBatch batch, int index, int[] map, ArrayBufferWriter<byte> text)
    {
        for (var i = 0; i < map.Length; i++)
        {
            var values = batch.Columns[i];
            if (values.IsNull(index))
            {
                continue;
            }

            if (map[i] >= 0)
            {
                Set(row, (PairColumn)map[i], values, index);
            }
            else
            {
                AddExtra(row, values, index, text);
            }
        }
    }

    private static void Set(PairRow row, PairColumn column, ParquetValues values, int index)
    {
        switch (values.Column.Type)
        {
            case ParquetType.Text or ParquetType.Json or ParquetType.Bytes:
                row.Set(column, ((ParquetBytes)values).Span(index));
                break;
            case ParquetType.Float or ParquetType.Double or ParquetType.Half or ParquetType.Decimal:
                row.Set(column, values.Double(index));
                break;
            case ParquetType.Int32 or ParquetType.UInt32 or ParquetType.Int64:
                Span<byte> digits = stackalloc byte[24];
                values.Int64(index).TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
                row.Set(column, digits[..length]);
                break;
            default:
                row.Set(column, System.Text.Encoding.UTF8.GetBytes(Convert.ToString(values.Value(index), CultureInfo.InvariantCulture)!));
                break;
        }
    }

    private static void AddExtra(PairRow row, ParquetValues values, int index, ArrayBufferWriter<byte> text)
    {
        var name = values.Column.Name;
        switch (values.Column.Type)
        {
            case var _ when values.Column.IsList:
                text.ResetWrittenCount();
                using (var writer = new Utf8JsonWriter(text))
                {
                    JsonSerializer.Serialize(writer, values.Value(index), ListOptions);
                }

                row.AddExtraJson(System.Text.Encoding.UTF8.GetBytes(name), text.WrittenSpan);
                break;
            case ParquetType.Json or ParquetType.Text when name == ColumnNames.Extra && JsonObjectRow.IsObject(((ParquetBytes)values).Span(index)):
                row.SpreadExtra(((ParquetBytes)values).Span(index));
                break;
            case ParquetType.Json when JsonObjectRow.IsJson(((ParquetBytes)values).Span(index)):
                row.AddExtraJson(System.Text.Encoding.UTF8.GetBytes(name), ((ParquetBytes)values).Span(index));
                break;
            case ParquetType.Text or ParquetType.Json:
                row.AddExtra(name, ((ParquetBytes)values).Span(index));
                break;
            case ParquetType.Int32 or ParquetType.UInt32 or ParquetType.Int64:
                row.StartExtra().WriteNumber(name, values.Int64(index));
                break;
            case ParquetType.Boolean:
                row.StartExtra().WriteBoolean(name, values.Boolean(index));
                break;
            case ParquetType.Float or ParquetType.Double or ParquetType.Half when double.IsFinite(values.Double(index)):
                WriteNumber(row, name, values, index);
                break;
            case ParquetType.Float or ParquetType.Double or ParquetType.Half:
                break;
            case ParquetType.Timestamp:
                row.StartExtra().WriteString(name, values.Timestamp(index));
                break;
            default:
                row.AddExtra(
                    name, System.Text.Encoding.UTF8.GetBytes(Convert.ToString(values.Value(index), CultureInfo.InvariantCulture)!));
                break;
        }
    }

    // A float as a double would show digits that nobody wrote.
    private static void WriteNumber(PairRow row, string name, ParquetValues values, int index)
    {
        if (values is ParquetScalars<float> floats)
        {
            row.StartExtra().WriteNumber(name, floats.Values[index]);
            return;
        }

        row.StartExtra().WriteNumber(name, values.Double(index));
    }
}
