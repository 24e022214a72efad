using System.Text;
using Sightline.Curation.Import;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Tells what a path holds where no configuration does: which table names the pictures, and what tells their classes, languages
/// and splits.</summary>
internal static class FoundSource
{
    private const string Classes = "classes.tsv";
    private const string Images = "images";

    private static readonly string[] Tables = ["captions.tsv", "labels.tsv", "captions.csv", "labels.csv"];

    /// <param name="place">What names the path to people.</param>
    /// <exception cref="TrainingDataException">There is nothing to read, or nothing tells the split; names the place.</exception>
    internal static SourceConfig Find(string path, string? split, string place)
    {
        path = Path.GetFullPath(path);
        var plain = new SourceConfig { Place = place, Path = path };
        try
        {
            return plain.IsZip && !Directory.Exists(path) ? InZip(plain, split)
                : Directory.Exists(path) ? InFolder(plain, split)
                : File.Exists(path) && Tables.Any(t => Path.GetExtension(t) == Path.GetExtension(path)) ? OfTable(plain, null, split)
                : Chosen(plain, split);
        }
        catch (PairSourceException e)
        {
            throw new TrainingDataException($"{place}: {e.Message}", e);
        }
    }

    private static SourceConfig InZip(SourceConfig plain, string? split)
    {
        if (!File.Exists(plain.Path))
        {
            throw new TrainingDataException($"{plain.Place}: {plain.Path} is not there.");
        }

        using var zip = ZipSource.Open(plain.Path);
        var names = zip.Entries.Select(e => e.FullName).ToHashSet(StringComparer.Ordinal);
        if (Tables.FirstOrDefault(names.Contains) is { } table)
        {
            var (header, first) = Begin(zip.GetEntry(table)!.Open(), table);
            return Chosen(plain, split) with
            {
                Table = table,
                Columns = ColumnsOf(header),
                Images = IsWithin(names.Contains, header, first) ? Images : null,
            };
        }

        var classes = names.Contains(Classes) ? new ClassTable(Classes, "1", "2") : null;
        return split is null || names.Any(n => n.StartsWith($"{split}/", StringComparison.Ordinal))
            ? plain with { LabelIsFolder = true, Classes = classes, Images = split }
            : throw NoSplit(plain, split);
    }

    private static SourceConfig InFolder(SourceConfig plain, string? split)
    {
        var folder = plain.Path!;
        if (Tables.FirstOrDefault(t => File.Exists(Path.Combine(folder, t))) is { } table)
        {
            return OfTable(plain with { Path = Path.Combine(folder, table) }, folder, split);
        }

        var classes = Path.Combine(folder, Classes);
        if (!File.Exists(classes)
            && PairSources.Open(new PairSourceRequest(folder) { KeepUncaptioned = true }).Format != FolderSource.Folder)
        {
            return Chosen(plain, split);
        }

        var pictures = Path.Combine(folder, split ?? "");
        return Directory.Exists(pictures)
            ? plain with
            {
                Path = pictures,
                Format = FolderSource.Folder,
                LabelIsFolder = true,
                Classes = File.Exists(classes) ? new ClassTable(classes, "1", "2") : null,
            }
            : throw NoSplit(plain, split!);
    }

    /// <param name="folder">That the pictures lie in; null: the table's own.</param>
    private static SourceConfig OfTable(SourceConfig plain, string? folder, string? split)
    {
        var table = plain.Path!;
        folder ??= Path.GetDirectoryName(table)!;
        var (header, first) = Begin(File.OpenRead(table), table);
        return Chosen(plain, split) with
        {
            Columns = ColumnsOf(header),
            Images = IsWithin(name => File.Exists(Path.Combine(folder, name)), header, first) ? Path.Combine(folder, Images) : null,
        };
    }

    private static SourceConfig Chosen(SourceConfig plain, string? split) => split is null ? plain
        : plain with { Where = new Dictionary<string, IReadOnlyList<string>> { ["split"] = [split] } };

    /// <summary>The first two rows, as far as they can be told without quotes: enough for names of columns.</summary>
    private static (string[] Header, string[] First) Begin(Stream stream, string table)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var separator = table.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ',' : '\t';
        string[] Row() => [.. (reader.ReadLine() ?? "").Split(separator).Select(cell => cell.Trim().Trim('"'))];
        return (Row(), Row());
    }

    private static Dictionary<string, string> ColumnsOf(string[] header)
    {
        var columns = new Dictionary<string, string>();
        foreach (var (ours, theirs) in new[] { ("language", "lang"), ("language", "language"), ("label", "label") })
        {
            if (header.Contains(theirs))
            {
                columns.TryAdd(ours, theirs);
            }
        }

        return columns;
    }

    /// <summary>Whether pictures lie in <c>images</c> beside the table, which names them without it.</summary>
    private static bool IsWithin(Func<string, bool> exists, string[] header, string[] first)
    {
        var at = PairColumns.UsualNames(PairColumn.Image).Select(name => Array.IndexOf(header, name)).FirstOrDefault(i => i >= 0, -1);
        return at >= 0 && at < first.Length && !exists(first[at]) && exists($"{Images}/{first[at]}");
    }

    private static TrainingDataException NoSplit(SourceConfig plain, string split) => new(
        $"{plain.Place}: nothing in {plain.Path} tells the split {split}: it has neither {string.Join(" nor ", Tables.Take(2))}, nor a folder of that name.");
}
