using Sightline.Curation.Export;

namespace Sightline.Curation.Import;

/// <summary>Tells what the columns of sources say: by the names that were asked for, else by the usual ones.</summary>
/// <param name="omitted">Columns that are neither a pair's nor kept beside it.</param>
internal sealed class ColumnNames(IReadOnlyDictionary<PairColumn, string> asked, params IReadOnlyList<string> omitted)
{
    /// <summary>What a pair has beside its columns, where it was put into one: an object in it is the pair's own.</summary>
    internal const string Extra = "extra";

    /// <summary>As an export of our own names them, which tells what of a pair it tells of the shard or the row it stands in.</summary>
    internal static ColumnNames Of(PairSourceRequest request) => request.Export?.Format switch
    {
        null => new ColumnNames(request.Columns),
        ExportFormat.WebDataset => new ColumnNames(
            WithKey(request.Columns, "source_key"), "key", "status", "error_message", "row", "width", "height"),
        _ => new ColumnNames(request.Columns, "row"),
    };

    /// <summary>With the name of the key, unless another was asked for.</summary>
    internal static IReadOnlyDictionary<PairColumn, string> WithKey(IReadOnlyDictionary<PairColumn, string> asked, string key) =>
        asked.ContainsKey(PairColumn.Key) ? asked : new Dictionary<PairColumn, string>(asked) { [PairColumn.Key] = key };

    /// <summary>Whether a column is left out altogether.</summary>
    internal bool Omits(string name) => omitted.Contains(name) && !asked.Values.Contains(name);

    /// <summary>Whether a name is a column's, and which goes first of several: the lowest rank.</summary>
    internal bool TryFind(string name, out PairColumn column, out int rank)
    {
        foreach (var (askedColumn, askedName) in asked)
        {
            if (string.Equals(askedName, name, StringComparison.OrdinalIgnoreCase))
            {
                (column, rank) = (askedColumn, askedName == name ? -2 : -1);
                return true;
            }
        }

        return PairColumns.TryFind(name, out column, out rank) && !asked.ContainsKey(column) && !omitted.Contains(name);
    }

    internal bool Knows(string name) => TryFind(name, out _, out _);

    /// <summary>Which column each name of a table is, -1 where it is none.</summary>
    /// <param name="file">For messages.</param>
    /// <exception cref="PairSourceException">A column that was asked for is missing, or captions or images are.</exception>
    internal int[] Map(string file, IReadOnlyList<string> names, bool needsCaption)
    {
        var places = new int[PairColumns.Count];
        var ranks = new int[PairColumns.Count];
        Array.Fill(places, -1);
        for (var i = 0; i < names.Count; i++)
        {
            if (TryFind(names[i].Trim(), out var column, out var rank) && (places[(int)column] < 0 || rank < ranks[(int)column]))
            {
                (places[(int)column], ranks[(int)column]) = (i, rank);
            }
        }

        Check(file, names, places, needsCaption);
        var map = new int[names.Count];
        Array.Fill(map, -1);
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] >= 0)
            {
                map[places[i]] = i;
            }
        }

        return map;
    }

    /// <param name="found">For each <see cref="PairColumn"/>, its place; -1 where there is none.</param>
    internal void Check(string file, IReadOnlyList<string> names, ReadOnlySpan<int> found, bool needsCaption)
    {
        foreach (var (column, name) in asked)
        {
            if (found[(int)column] < 0)
            {
                throw new PairSourceException(
                    $"{file} has no column {name}, which is to be the {PairColumns.NameOf(column)}; it has {List(names)}.");
            }
        }

        if (needsCaption && found[(int)PairColumn.Caption] < 0)
        {
            throw Missing(file, names, "a caption", PairColumn.Caption);
        }

        if (found[(int)PairColumn.Url] < 0 && found[(int)PairColumn.Image] < 0)
        {
            throw Missing(file, names, "the image's address or file", PairColumn.Url, PairColumn.Image);
        }
    }

    private static PairSourceException Missing(string file, IReadOnlyList<string> names, string what, params PairColumn[] columns)
    {
        var usual = string.Join(", ", columns.SelectMany(PairColumns.UsualNames));
        var asking = string.Join(" or ", columns.Select(c => $"{PairColumns.NameOf(c)}=NAME"));
        return new PairSourceException(
            $"{file} has no column that is known to hold {what} ({usual}); it has {List(names)}. Say which one does: {asking}.");
    }

    private static string List(IReadOnlyList<string> names) =>
        names.Count == 0 ? "none" : string.Join(", ", names.Take(50)) + (names.Count > 50 ? " and more" : "");
}
