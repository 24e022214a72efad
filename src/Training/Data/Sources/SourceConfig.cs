using Sightline.Curation.Import;

namespace Sightline.Training.Data;

/// <summary>
/// One item of <c>data:</c> or <c>validation:</c>:
/// <code>
/// - path: ../data/flickr8k.zip        # what curation imports, or a zip; from the folder of the configuration on
///   format: tsv                       # for curation's formats, where the files do not tell
///   table: captions.tsv               # of a zip; without one its pictures are read, with the texts beside them
///   images: images                    # the folder that names of pictures are relative to, in a zip too
///   columns:                          # of what the source calls otherwise; a column's number, from 1, where there is no header
///     image: "{set}_128/{file}"       # of a zip also put together from columns
///     caption: [name, keywords]
///     language: lang
///     label: class
///   separator: "|"                    # between several captions in one cell
///   where: {split: train, kind: [human, translation]}
///   label: folder                     # the class is the folder that the picture lies in
///   classes: {table: classes.tsv, code: 1, name: 2}
///   captions: ["a photo of a {label}"]
///   languages: [en, de]               # captions in others are left out
///   language: en                      # of captions whose language no column tells
///   holdout: 0.1                      # this share of the pictures, by a hash of the picture's key, is not read ...
///   split: validation                 # ... but this one
///   weight: 2                         # share of the pictures of a batch; by default each picture counts alike
/// - packed: packed/flickr8k           # what `sightline train pack` wrote
/// </code>
/// </summary>
internal sealed record SourceConfig
{
    /// <summary>In the configuration, such as <c>data[0]</c>; for messages.</summary>
    internal required string Place { get; init; }

    /// <summary>Absolute; null where <see cref="Packed"/> is set.</summary>
    internal string? Path { get; init; }

    /// <summary>Absolute; a folder that holds packed pictures.</summary>
    internal string? Packed { get; init; }

    internal string? Format { get; init; }

    internal string? Images { get; init; }

    internal string? Table { get; init; }

    /// <summary>What the source calls its columns, by our names: caption's are in <see cref="Captions"/>.</summary>
    internal IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns that hold captions; none: the usual one.</summary>
    internal IReadOnlyList<string> Captions { get; init; } = [];

    internal string? Separator { get; init; }

    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Where { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    internal bool LabelIsFolder { get; init; }

    internal ClassTable? Classes { get; init; }

    internal IReadOnlyList<RowTemplate> Templates { get; init; } = [];

    /// <summary>Empty: all.</summary>
    internal IReadOnlyList<string> Languages { get; init; } = [];

    internal string Language { get; init; } = "";

    /// <summary>Share of the pictures, 0 to below 1.</summary>
    internal double Holdout { get; init; }

    internal bool IsHeldOutPart { get; init; }

    /// <summary>Above 0; null: the count of its pictures.</summary>
    internal double? Weight { get; init; }

    internal bool IsZip => Path?.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ?? false;

    /// <param name="folder">Absolute: what relative paths are relative to.</param>
    /// <exception cref="TrainingConfigException">A setting is missing, unknown or not what it should be.</exception>
    internal static SourceConfig Read(ConfigSection section, string folder)
    {
        string? PathOf(string key) => section.Text(key) is { } text ? System.IO.Path.GetFullPath(text, folder) : null;
        var (path, packed) = (PathOf("path"), PathOf("packed"));
        if (path is null == packed is null)
        {
            throw section.Wrong("path", "is needed, or packed, and not both");
        }

        var weight = section.Has("weight") ? section.Number("weight", 1, 1e-6, 1e6) : (double?)null;
        if (packed is not null)
        {
            section.RequireAllRead();
            return new SourceConfig { Place = section.Path, Packed = packed, Weight = weight };
        }

        var columns = section.Section("columns");
        var config = new SourceConfig
        {
            Place = section.Path,
            Path = path,
            Format = section.Has("format") ? section.Choice("format", "", [.. PairSources.Formats]) : null,
            Images = section.Text("images"),
            Table = section.Text("table"),
            Captions = columns.Texts("caption"),
            Columns = columns.Keys.Where(k => k != "caption").ToDictionary(k => k, k => columns.Text(k)!),
            Separator = section.Text("separator"),
            Where = ReadWhere(section.Section("where")),
            LabelIsFolder = section.Has("label") && section.Choice("label", "folder", "folder") == "folder",
            Classes = ClassTable.Read(section),
            Templates = [.. section.Texts("captions").Select(t => RowTemplate.Parse(t, problem => section.Wrong("captions", problem)))],
            Languages = section.Texts("languages"),
            Language = section.Text("language") ?? "",
            Holdout = section.Number("holdout", 0, 0, 0.99),
            IsHeldOutPart = section.Choice("split", "train", "train", "validation") == "validation",
            Weight = weight,
        };
        config.Check(section, columns);
        section.RequireAllRead();
        return config;
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadWhere(ConfigSection where) =>
        where.Keys.ToDictionary(k => k, where.Texts);

    private void Check(ConfigSection section, ConfigSection columns)
    {
        foreach (var name in Columns.Keys.Where(k => k is not ("language" or "label") && !PairColumns.TryParse(k, out _)))
        {
            throw columns.Wrong(
                name, "is no column; there are caption, image, key, language, label, url, width, height, similarity, sha256");
        }

        if (IsHeldOutPart && Holdout == 0)
        {
            throw section.Wrong("split", "is validation, which asks for the share that is held out, such as holdout: 0.1");
        }

        if (!IsZip && Table is not null)
        {
            throw section.Wrong("table", "is of zips alone; elsewhere the path names the table");
        }

        if (LabelIsFolder && Columns.ContainsKey("label"))
        {
            throw section.Wrong("label", "is folder, and a column says the label too; leave one of them out");
        }

        if (Classes is not null && !LabelIsFolder && !Columns.ContainsKey("label"))
        {
            throw section.Wrong(
                "classes", "names classes, and nothing tells which a picture has: label: folder, or columns: {label: NAME}");
        }
    }
}
