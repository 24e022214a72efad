namespace Sightline.Curation.Import;

/// <summary>Tells what a folder of pairs is, and which of its files are to be read.</summary>
internal static class SourceFolder
{
    private const string Metadata = "metadata";

    /// <param name="root">Absolute and free of links.</param>
    /// <param name="asked">A format; null to find one.</param>
    /// <returns>The format and its files, in ordinal order of their paths by folders; and those of them that are not to be read, with
    /// why.</returns>
    /// <exception cref="PairSourceException">There are no such files, or of several formats; says what there is.</exception>
    internal static (string Format, IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Unreachable)
        Find(string root, string? asked)
    {
        var contents = Contents.Of(root);
        var format = asked ?? contents.Tell();
        var files = contents.FilesOf(format);
        return files.Count > 0
            ? (format, files, contents.Unreachable)
            : throw new PairSourceException($"{root} holds no files of the format {format}; {contents.Describe()}");
    }

    private sealed class Contents
    {
        private readonly Dictionary<string, int> _endings = new(StringComparer.Ordinal);
        private readonly List<string> _tables = [];
        private readonly List<string> _shardFolders = [];
        private readonly List<string> _imageFolders = [];
        private readonly Dictionary<string, string> _unreachable = new(StringComparer.Ordinal);
        private readonly string _root;
        private int _entries;

        private Contents(string root) => _root = root;

        internal IReadOnlyDictionary<string, string> Unreachable => _unreachable;

        internal static Contents Of(string root)
        {
            var contents = new Contents(root);
            foreach (var (folder, entries) in FolderListing.Walk(root, root))
            {
                contents.Add(folder, entries);
            }

            return contents;
        }

        internal string Tell()
        {
            var tars = WithEnding(".tar").ToList();
            if (tars.Count > 0)
            {
                return tars.Exists(t => File.Exists(Img2DatasetSource.TableOf(t)))
                    ? Img2DatasetSource.Img2Dataset : WebDatasetSource.WebDataset;
            }

            if (_shardFolders.Count > 0)
            {
                return Img2DatasetSource.Img2Dataset;
            }

            if (_endings.Keys.Any(e => ImageEndings.Contains(e.TrimStart('.'))))
            {
                return _tables.Exists(IsMetadata) ? ImageFolderSource.ImageFolder
                    : CocoFiles().Count > 0 ? CocoSource.Coco : FolderSource.Folder;
            }

            return TellTables();
        }

        /// <summary>Links that lead out are among them, if their endings are those of the format.</summary>
        internal List<string> FilesOf(string format)
        {
            var files = ReachableOf(format);
            var endings = files.Select(SourceKinds.EndingOf).ToHashSet(StringComparer.Ordinal);
            var isOfFolders = format is FolderSource.Folder or ImageFolderSource.ImageFolder;
            var others = isOfFolders ? [] : _unreachable.Keys.Where(f => endings.Contains(SourceKinds.EndingOf(f))).ToList();
            return others.Count == 0 ? files : [.. files.Concat(others).Order(StringComparer.Ordinal)];
        }

        private List<string> ReachableOf(string format) => format switch
        {
            WebDatasetSource.WebDataset => [.. WithEnding(".tar")],
            Img2DatasetSource.Img2Dataset => Shards(),
            FolderSource.Folder => _imageFolders,
            ImageFolderSource.ImageFolder => [.. _tables.Where(IsMetadata)],
            CocoSource.Coco => CocoFiles() is { Count: > 0 } captions
                ? captions : [.. WithEnding(".json").Where(f => JsonShapes.Of(f) == JsonShape.Coco)],
            JsonSource.Lines => JsonTables(),
            TextSource.Text => [.. WithEnding(".txt")],
            _ => _tables.Where(f => SourceKinds.OfName(f) == format).ToList() is { Count: > 0 } named
                ? named
                : [.. _tables.Where(f => SourceKinds.OfName(f) is null && SourceKinds.FormatOf(f) == format)],
        };

        internal string Describe()
        {
            var kinds = _endings.OrderByDescending(e => e.Value).ThenBy(e => e.Key, StringComparer.Ordinal).Take(10)
                .Select(e => $"{e.Value} {(e.Key.Length == 0 ? "without an ending" : e.Key)}");
            var links = _unreachable.Count == 0 ? "" : $" {_unreachable.First().Key} is not read: {_unreachable.First().Value}";
            var holds = _entries == 0 ? "it is empty" : $"it holds {string.Join(", ", kinds)}";
            return $"{holds}. Formats are {string.Join(", ", PairSources.Formats)}.{links}";
        }

        private string TellTables()
        {
            var formats = _tables.Where(f => !IsStatistics(f)).GroupBy(f => SourceKinds.OfName(f) ?? "")
                .ToDictionary(g => g.Key, g => g.First());
            if (formats.Remove("", out var unsure) && formats.Count == 0 && SourceKinds.FormatOf(unsure) is { } format)
            {
                return format;
            }

            return formats.Count switch
            {
                1 => formats.Keys.First(),
                0 => throw new PairSourceException($"{_root} holds nothing that pairs are read from; {Describe()}"),
                _ => throw new PairSourceException(
                    $"{_root} holds tables of several formats, {string.Join(" and ", formats.Keys.Order(StringComparer.Ordinal))}; "
                    + "name the one to read as the format, or the files themselves."),
            };
        }

        private void Add(string folder, List<FolderEntry> entries)
        {
            var names = entries.Where(e => !e.IsFolder).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
            var hasImages = false;
            foreach (var entry in entries)
            {
                _entries++;
                if (entry.IsFolder)
                {
                    if (IsShard(entry.Name) && names.Contains(entry.Name + ".parquet"))
                    {
                        _shardFolders.Add(Path.Join(folder, entry.Name));
                    }

                    continue;
                }

                // What cannot be reached makes the folder one to read, so that it is told.
                hasImages |= entry.Reason is not null || ImageEndings.IsImage(entry.Name);
                var ending = SourceKinds.EndingOf(entry.Name);
                _endings[ending] = _endings.GetValueOrDefault(ending) + 1;
                if (ending is ".tar" or ".csv" or ".tsv" or ".tab" or ".jsonl" or ".ndjson" or ".json" or ".parquet" or ".pq" or ".txt"
                    && !IsPartOfSample(entry.Name, names) && !OwnExport.IsNoTable(folder, entry.Name))
                {
                    AddTable(Path.Join(folder, entry.Name), entry);
                }
            }

            if (hasImages)
            {
                _imageFolders.Add(folder);
            }
        }

        private void AddTable(string path, FolderEntry entry)
        {
            if (entry.Reason is null)
            {
                _tables.Add(path);
                return;
            }

            _unreachable[path] = entry.Detail;
        }

        /// <summary>A text or JSON beside the image of its name.</summary>
        private static bool IsPartOfSample(string name, HashSet<string> names)
        {
            var stem = Path.GetFileNameWithoutExtension(name);
            return Path.GetExtension(name) is ".txt" or ".json"
                && (names.Contains(stem + ".jpg") || names.Contains(stem + ".png")
                    || names.Contains(stem + ".webp") || names.Contains(stem + ".jpeg"));
        }

        /// <summary>The manifest beside an export's tables is none of them.</summary>
        private List<string> JsonTables()
        {
            var all = WithEnding(".jsonl", ".ndjson", ".json").Where(f => !IsStatistics(f)).ToList();
            var tables = all.Where(f => Path.GetFileName(f) != Export.ManifestFile.Name).ToList();
            return tables.Count > 0 ? tables : all;
        }

        private static bool IsShard(string name) => name.Length >= 5 && !name.AsSpan().ContainsAnyExceptInRange('0', '9');

        private static bool IsStatistics(string file) => file.EndsWith("_stats.json", StringComparison.Ordinal);

        private static bool IsMetadata(string file) =>
            Path.GetFileNameWithoutExtension(file) == Metadata && Path.GetExtension(file) is ".csv" or ".jsonl" or ".parquet";

        /// <summary>Those of captions alone: instances and key points lie beside them.</summary>
        private List<string> CocoFiles() => [.. WithEnding(".json").Where(
            f => Path.GetFileName(f).Contains("caption", StringComparison.OrdinalIgnoreCase) && JsonShapes.Of(f) == JsonShape.Coco)];

        private IEnumerable<string> WithEnding(params string[] endings) => _tables.Where(f => endings.Contains(SourceKinds.EndingOf(f)));

        /// <summary>Tars, folders of files, and tables that have lost theirs.</summary>
        private List<string> Shards()
        {
            var shards = WithEnding(".tar").Concat(_shardFolders).ToList();
            var tables = shards.Select(Img2DatasetSource.TableOf).ToHashSet(StringComparer.Ordinal);
            return [.. shards.Concat(WithEnding(".parquet").Where(t => !tables.Contains(t))).Order(StringComparer.Ordinal)];
        }
    }
}
