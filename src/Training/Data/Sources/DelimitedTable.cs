using System.Globalization;
using System.Text;
using Sightline.Curation.Import;

namespace Sightline.Training.Data;

/// <summary>Reads a CSV or TSV (told by its name) whose columns are named, or numbered from 1 where every name that is asked for is a
/// number: then there is no header.</summary>
internal static class DelimitedTable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="Fault">A snake_case code where the row cannot be read; null where it can.</param>
    internal sealed record Row(string Place, IReadOnlyDictionary<string, int> Columns, string[] Cells, string? Fault, string Detail)
    {
        /// <summary>Empty where the row ends before, which only columns that are not needed may do.</summary>
        internal string Cell(string column) => Columns[column] < Cells.Length ? Cells[Columns[column]] : "";
    }

    /// <param name="path">Where its text is.</param>
    /// <param name="name">For messages, and for its ending.</param>
    /// <param name="needed">Columns that must be there.</param>
    /// <exception cref="TrainingDataException">It cannot be read, or has no such column; names those that it has.</exception>
    internal static void Read(string path, string name, IReadOnlyCollection<string> needed, Action<Row> take)
    {
        try
        {
            using var stream = SourceStream.Open(path);
            var lines = new LineReader(stream);
            var rows = Open(lines, name);
            var columns = ReadColumns(rows, name, needed);
            var found = columns is null ? DelimitedRow.Row : rows.Read(0);
            columns ??= Enumerable.Range(0, rows.Count).ToDictionary(i => (i + 1).ToString(CultureInfo.InvariantCulture), i => i);
            Require(columns, name, needed);
            var least = needed.Select(n => columns[n] + 1).DefaultIfEmpty(1).Max();
            for (; found != DelimitedRow.End; found = rows.Read(columns.Count))
            {
                if (found != DelimitedRow.Blank)
                {
                    take(Take(rows, found, columns, least, string.Create(CultureInfo.InvariantCulture, $"line {lines.Number}")));
                }
            }

            if (lines.Damage is not null)
            {
                throw new TrainingDataException($"{name} cannot be unpacked beyond its line {lines.Number}: {lines.Damage}");
            }
        }
        catch (PairSourceException e)
        {
            throw new TrainingDataException(e.Message, e);
        }
    }

    private static DelimitedReader Open(LineReader lines, string name) =>
        name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)
            ? new DelimitedReader(lines, (byte)',', quotesMayBeText: false)
            : new DelimitedReader(lines, (byte)'\t', quotesMayBeText: true);

    /// <summary>Null where the first row is no header.</summary>
    private static Dictionary<string, int>? ReadColumns(DelimitedReader rows, string name, IReadOnlyCollection<string> needed)
    {
        var first = DelimitedRow.Blank;
        while (first == DelimitedRow.Blank)
        {
            first = rows.Read(0);
        }

        if (first != DelimitedRow.Row)
        {
            throw new TrainingDataException($"{name} has no first row that can be read.");
        }

        if (needed.Count > 0 && needed.All(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return null;
        }

        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
        {
            columns.TryAdd(Encoding.UTF8.GetString(rows[i]).Trim(), i);
        }

        return columns;
    }

    private static void Require(Dictionary<string, int> columns, string name, IReadOnlyCollection<string> needed)
    {
        if (needed.FirstOrDefault(n => !columns.ContainsKey(n)) is { } missing)
        {
            throw new TrainingDataException(
                $"{name} has no column {missing}; it has {string.Join(", ", columns.OrderBy(c => c.Value).Select(c => c.Key))}.");
        }
    }

    /// <param name="least">Columns that the row must have.</param>
    private static Row Take(DelimitedReader rows, DelimitedRow found, Dictionary<string, int> columns, int least, string place)
    {
        if (found != DelimitedRow.Row)
        {
            return new Row(place, columns, [], "bad_row", $"The row cannot be told apart into columns: {found}.");
        }

        if (rows.Count < least)
        {
            return new Row(place, columns, [], "wrong_columns", $"The row has {rows.Count} columns, and {least} are needed.");
        }

        try
        {
            var cells = new string[rows.Count];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = Utf8.GetString(rows[i]);
            }

            return new Row(place, columns, cells, null, "");
        }
        catch (DecoderFallbackException)
        {
            return new Row(place, columns, [], "not_utf8", "The row is not UTF-8.");
        }
    }
}
