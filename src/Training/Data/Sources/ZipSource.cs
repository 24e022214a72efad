using System.Globalization;
using System.IO.Compression;
using System.Text;
using Sightline.Curation.Import;

namespace Sightline.Training.Data;

/// <summary>
/// A zip of pictures: with a table that names its members, or without one, where texts beside pictures (<c>name.txt</c>,
/// <c>name.caption</c>) are their captions. Pictures are read where they lie.
/// </summary>
internal static class ZipSource
{
    private const int LongestText = 1 << 20;

    /// <exception cref="TrainingDataException">It is no zip, has no such table or no pictures; says what it has.</exception>
    internal static SourceContents Read(SourceConfig config, CancellationToken cancellationToken)
    {
        using var zip = Open(config.Path!);
        var members = zip.Entries.Where(e => !e.FullName.EndsWith('/')).DistinctBy(e => e.FullName)
            .ToDictionary(e => e.FullName, StringComparer.Ordinal);
        var classes = config.Classes is { } table
            ? Unpacked(config, members, table.File, path => table.Load(path, config.Place)) : null;
        return config.Table is null
            ? ReadMembers(config, members, classes, cancellationToken)
            : ReadTable(config, members, config.Table, classes, cancellationToken);
    }

    internal static ZipArchive Open(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException e)
        {
            throw new TrainingDataException($"{path} is no zip, or is cut short: {e.Message}", e);
        }
    }

    private static SourceContents ReadTable(
        SourceConfig config, Dictionary<string, ZipArchiveEntry> members, string table,
        IReadOnlyList<KeyValuePair<string, string>>? classes, CancellationToken cancellationToken) =>
        Unpacked(config, members, table, path =>
        {
            var image = config.Columns.GetValueOrDefault("image");
            var template = image?.Contains('{', StringComparison.Ordinal) == true
                ? RowTemplate.Parse(image, problem => new TrainingDataException($"{config.Place}.columns.image {problem}.")) : null;
            var needed = PictureCollector.ColumnsOf(config).Concat(config.Captions)
                .Concat(template is not null ? template.Columns : image is not null ? [image] : [])
                .Concat(config.Columns.TryGetValue("key", out var key) ? [key] : []).ToList();
            PictureCollector? collector = null;
            Dictionary<string, string> values = new(StringComparer.Ordinal);
            DelimitedTable.Read(path, table, needed, row =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                image ??= Usual(row.Columns, PairColumn.Image)
                    ?? throw new TrainingDataException(
                        $"{config.Place}: {table} has no column that is known to name pictures; it has "
                        + $"{string.Join(", ", row.Columns.Keys)}. Say which one does: columns: {{image: NAME}}.");
                collector ??= new PictureCollector(config, CaptionColumns(config, row.Columns), classes);
                if (row.Fault is not null)
                {
                    collector.Faults.Add(new DataFault(table, row.Place, row.Fault, row.Detail));
                    return;
                }

                values.Clear();
                foreach (var name in row.Columns.Keys)
                {
                    values[name] = row.Cell(name);
                }

                var picture = template is null ? row.Cell(image) : template.Fill(values.GetValueOrDefault);
                var member = string.IsNullOrEmpty(picture) ? "" : Join(config.Images, picture);
                if (!members.ContainsKey(member))
                {
                    collector.Faults.Add(new DataFault(table, row.Place, "image_missing", $"The zip has no member \"{member}\"."));
                    return;
                }

                collector.Add(new SourceRow(table, row.Place, key is null ? member : row.Cell(key), member, FolderIn(member), values));
            });
            return (collector ?? new PictureCollector(config, [], classes)).Finish();
        });

    private static SourceContents ReadMembers(
        SourceConfig config, Dictionary<string, ZipArchiveEntry> members, IReadOnlyList<KeyValuePair<string, string>>? classes,
        CancellationToken cancellationToken)
    {
        var collector = new PictureCollector(config, ["caption"], classes);
        var prefix = Join(config.Images, "");
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in members.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && ImageEndings.IsImage(n))
            .Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stem = name[..name.LastIndexOf('.')];
            values.Clear();
            values["caption"] = "";
            if ((members.GetValueOrDefault(stem + ".txt") ?? members.GetValueOrDefault(stem + ".caption")) is { } text)
            {
                if (!TryReadText(text, out var caption, out var fault))
                {
                    collector.Faults.Add(fault!);
                    continue;
                }

                values["caption"] = caption;
            }

            collector.Add(new SourceRow(config.Path!, name, name[prefix.Length..], name, FolderIn(name), values));
        }

        return collector.Finish();
    }

    private static bool TryReadText(ZipArchiveEntry text, out string caption, out DataFault? fault)
    {
        (caption, fault) = ("", null);
        if (text.Length > LongestText)
        {
            fault = new DataFault(text.FullName, text.FullName, "too_long", string.Create(
                CultureInfo.InvariantCulture, $"The text has {text.Length} bytes, and at most {LongestText} are read."));
            return false;
        }

        try
        {
            using var reader = new StreamReader(text.Open(), new UTF8Encoding(false, throwOnInvalidBytes: true));
            caption = reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            fault = new DataFault(text.FullName, text.FullName, "not_utf8", "The text is not UTF-8.");
        }
        catch (InvalidDataException e)
        {
            fault = new DataFault(text.FullName, text.FullName, "damaged", e.Message);
        }

        return fault is null;
    }

    /// <summary>Tables are read from a file of their own, which is gone afterwards.</summary>
    private static T Unpacked<T>(SourceConfig config, Dictionary<string, ZipArchiveEntry> members, string table, Func<string, T> read)
    {
        if (!members.TryGetValue(table, out var entry))
        {
            var tables = members.Keys.Where(n => !ImageEndings.IsImage(n)).Order(StringComparer.Ordinal).Take(10).ToList();
            throw new TrainingDataException(
                $"{config.Place}: {config.Path} has no {table}; "
                + (tables.Count == 0 ? "it has pictures alone." : $"it has {string.Join(", ", tables)}."));
        }

        var folder = Directory.CreateTempSubdirectory("sightline-table-");
        try
        {
            var path = Path.Combine(folder.FullName, "table" + Path.GetExtension(table));
            entry.ExtractToFile(path);
            return read(path);
        }
        catch (InvalidDataException e)
        {
            throw new TrainingDataException($"{config.Place}: {table} of {config.Path} cannot be unpacked: {e.Message}", e);
        }
        catch (TrainingDataException e) when (!e.Message.StartsWith(config.Place, StringComparison.Ordinal))
        {
            throw new TrainingDataException($"{config.Place}: {e.Message}", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Those that are named; where none is and there are no templates, the usual one if the table has it.</summary>
    private static IReadOnlyList<string> CaptionColumns(SourceConfig config, IReadOnlyDictionary<string, int> columns) =>
        config.Captions.Count > 0 ? config.Captions
        : config.Templates.Count == 0 && Usual(columns, PairColumn.Caption) is { } usual ? [usual]
        : [];

    private static string? Usual(IReadOnlyDictionary<string, int> columns, PairColumn column) =>
        PairColumns.UsualNames(column).FirstOrDefault(columns.ContainsKey);

    private static string Join(string? folder, string name) => folder is null ? name : folder.TrimEnd('/') + "/" + name;

    private static string FolderIn(string member) => Path.GetFileName(Path.GetDirectoryName(member) ?? "");
}
