using System.Globalization;
using System.Text;

namespace Sightline.Curation.Import;

/// <summary>
/// CSV and TSV, also packed as gzip. Encoding is UTF-8; a row that is not is a fault. A first row that holds a name of a column is a
/// header; without one, the columns are told from the first row: one is an address or the file of an image, one the caption, as in
/// Conceptual Captions (https://ai.google.com/research/ConceptualCaptions). Empty rows are passed over. Places of faults are lines.
/// </summary>
internal sealed class DelimitedSource(string format, IReadOnlyList<string> files, PairSourceRequest request)
    : FileSource(format, files, request)
{
    internal const string Csv = "csv";
    internal const string Tsv = "tsv";

    private readonly PairSourceRequest _request = request;

    /// <param name="Map">The <see cref="PairColumn"/> of each, or -1.</param>
    private sealed record Layout(string[] Names, int[] Map, bool HasHeader);

    protected override void CheckFile(string file)
    {
        using var stream = SourceStream.Open(file);
        ReadLayout(file, OpenRows(file, new LineReader(stream)));
    }

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var stream = SourceStream.Open(file);
        var lines = new LineReader(stream);
        var rows = OpenRows(file, lines);
        var layout = ReadLayout(file, rows);
        using var row = NewRow(file, sink, layout.Map.Contains((int)PairColumn.Image) ? ImagesOf(file) : null);
        if (!layout.HasHeader)
        {
            Fill(row, rows, layout);
            row.Submit(Place.Line(lines.Number), 0);
        }

        for (DelimitedRow found; (found = rows.Read(layout.Names.Length)) != DelimitedRow.End;)
        {
            if (found == DelimitedRow.Blank)
            {
                continue;
            }

            if (Why(found) is { } cause)
            {
                row.Fail(cause.Reason, cause.Detail);
            }
            else
            {
                Fill(row, rows, layout);
            }

            row.Submit(Place.Line(lines.Number), row.Submitted);
            if (row.Submitted % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.Advance(lines.Position);
            }
        }

        if (lines.Damage is not null)
        {
            sink.Fault(Place.Line(lines.Number).ToString(), "damaged", $"The file cannot be unpacked beyond this line: {lines.Damage}");
        }

        sink.Advance(lines.Position);
    }

    private static (string Reason, string Detail)? Why(DelimitedRow found) => found switch
    {
        DelimitedRow.TooLong => ("too_long", $"The line is longer than {LineReader.LongestLine} bytes."),
        DelimitedRow.OpenQuote => ("open_quote", "A quote is opened and never closed."),
        DelimitedRow.BadQuote => ("bad_quote", "Something stands behind a closing quote; a quote within quotes is written twice."),
        _ => null,
    };

    private void Fill(PairRow row, DelimitedReader rows, Layout layout)
    {
        if (rows.Count != layout.Names.Length)
        {
            row.Fail("wrong_columns", string.Create(
                CultureInfo.InvariantCulture,
                    $"The row has {rows.Count} columns, the {(layout.HasHeader ? "header" : "first row")} {layout.Names.Length}."));
            return;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var field = rows[i];
            if (layout.Map[i] >= 0)
            {
                row.Set((PairColumn)layout.Map[i], field);
            }
            else if (layout.Names[i] == ColumnNames.Extra && JsonObjectRow.IsObject(field))
            {
                row.SpreadExtra(field);
            }
            else if (!field.IsEmpty && !Names.Omits(layout.Names[i]))
            {
                row.AddExtra(layout.Names[i], field);
            }
        }
    }

    private DelimitedReader OpenRows(string file, LineReader lines) => Format == Tsv
        ? new DelimitedReader(lines, (byte)'\t', quotesMayBeText: true)
        : new DelimitedReader(lines, FindDelimiter(file), quotesMayBeText: false);

    /// <summary>A comma, unless the first line has none but another.</summary>
    private static byte FindDelimiter(string file)
    {
        using var stream = SourceStream.Open(file);
        var lines = new LineReader(stream);
        var line = lines.TryAdvance() ? lines.Line : default;
        return line.Contains((byte)',') ? (byte)','
            : line.Contains((byte)'\t') ? (byte)'\t'
            : line.Contains((byte)';') ? (byte)';'
            : line.Contains((byte)'|') ? (byte)'|'
            : (byte)',';
    }

    /// <summary>Reads the first row that is not empty.</summary>
    private Layout ReadLayout(string file, DelimitedReader rows)
    {
        var found = DelimitedRow.Blank;
        while (found == DelimitedRow.Blank)
        {
            found = rows.Read(0);
        }

        if (found != DelimitedRow.Row)
        {
            throw new PairSourceException($"{file} has no first row: {Why(found)?.Detail ?? "it ends before"}");
        }

        var cells = new string[rows.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = Encoding.UTF8.GetString(rows[i]).Trim();
        }

        if (Array.Exists(cells, Names.Knows))
        {
            return new Layout(Distinguish(cells), Names.Map(file, cells, NeedsCaption), HasHeader: true);
        }

        return WithoutHeader(file, cells);
    }

    private Layout WithoutHeader(string file, string[] cells)
    {
        var numbers = Enumerable.Range(1, cells.Length).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        if (_request.Columns.Values.Any(numbers.Contains))
        {
            return new Layout(Distinguish(numbers), Names.Map(file, numbers, NeedsCaption), HasHeader: false);
        }

        var map = new int[cells.Length];
        Array.Fill(map, -1);
        var image = Array.FindIndex(cells, c => PairRow.IsAddress(Encoding.UTF8.GetBytes(c)) || ImageEndings.IsImage(c));
        var captions = Enumerable.Range(0, cells.Length).Where(i => i != image).ToArray();
        if (_request.Columns.Count > 0 || image < 0 || captions.Length > 1 || (captions.Length == 0 && NeedsCaption))
        {
            throw new PairSourceException(
                $"{file} has no header that is understood: its first row is {string.Join(" | ", cells.Take(50))}. "
                + "Name the columns, or give their numbers if there is no header: caption=1, url=2.");
        }

        map[image] = (int)(PairRow.IsAddress(Encoding.UTF8.GetBytes(cells[image])) ? PairColumn.Url : PairColumn.Image);
        if (captions is [var caption])
        {
            map[caption] = (int)PairColumn.Caption;
        }

        return new Layout(numbers, map, HasHeader: false);
    }

    /// <summary>Names for what is kept beside the columns: none empty, none twice.</summary>
    private static string[] Distinguish(string[] names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var distinct = new string[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i].Length == 0 || char.IsAsciiDigit(names[i][0]) ? $"column_{i + 1}" : names[i];
            distinct[i] = seen.Add(name) ? name : $"{name}_{i + 1}";
        }

        return distinct;
    }
}
