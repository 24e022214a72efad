using System.Text;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Import;

namespace Sightline.Training.Data;

/// <summary>What curation imports, read as pictures.</summary>
internal static class ImportedSource
{
    /// <exception cref="TrainingDataException">There is nothing to read, or a column is missing; says what there is.</exception>
    internal static SourceContents Read(SourceConfig config, CancellationToken cancellationToken)
    {
        try
        {
            var source = Open(config);
            var root = RealPath.Of(config.Images is { } images ? FullPath(images, config) : FolderOf(config.Path!)) ?? "/";
            var classes = config.Classes?.Load(FullPath(config.Classes.File, config), config.Place);

            // The pair's own caption stands under this name; other columns of captions are among what else the source says.
            var captions = config.Captions.Skip(1).Prepend(Caption).ToList();
            var collector = new PictureCollector(config, captions, classes);
            var sink = new Sink(collector, config, root);
            foreach (var file in source.Files)
            {
                sink.File = file;
                try
                {
                    source.Read(file, sink, cancellationToken);
                }
                catch (PairSourceException e)
                {
                    collector.Faults.Add(new DataFault(file, "", "unreadable_file", e.Message));
                }
            }

            return collector.Finish();
        }
        catch (PairSourceException e)
        {
            throw new TrainingDataException($"{config.Place}: {e.Message}", e);
        }
    }

    private const string Caption = "caption";

    private static IPairSource Open(SourceConfig config)
    {
        var columns = new Dictionary<PairColumn, string>();
        foreach (var (name, column) in config.Columns)
        {
            if (PairColumns.TryParse(name, out var known))
            {
                columns[known] = column;
            }
        }

        if (config.Captions.Count > 0)
        {
            columns[PairColumn.Caption] = config.Captions[0];
        }

        return PairSources.Open(new PairSourceRequest(config.Path!)
        {
            Format = config.Format,
            Columns = columns,
            ImageFolder = config.Images is { } images ? FullPath(images, config) : null,
            KeepUncaptioned = true,
        });
    }

    private static string FullPath(string path, SourceConfig config) => Path.GetFullPath(path, FolderOf(config.Path!));

    /// <summary>Of a pattern, the folder before its first wildcard.</summary>
    private static string FolderOf(string path)
    {
        var folder = path;
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    private sealed class Sink(PictureCollector collector, SourceConfig config, string root) : PairSink
    {
        private static readonly string[] Names = [.. Enum.GetValues<PairColumn>().Select(PairColumns.NameOf)];

        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
        private readonly bool _asksMore = config.Captions.Count > 1 || PictureCollector.ColumnsOf(config).Any(c => c != Caption);
        private readonly Dictionary<string, string> _aliases = AliasesOf(config);

        internal string File { get; set; } = "";

        public override void Add(in NewPair pair)
        {
            var key = Encoding.UTF8.GetString(pair.Key);
            if (!ImageLocation.TryParse(pair.Image, out var location))
            {
                collector.Faults.Add(new DataFault(File, key, "not_downloaded",
                    $"The picture is an address, {Encoding.UTF8.GetString(pair.Url)}: download it first (sightline curate download)."));
                return;
            }

            Fill(pair);
            var (name, folder) = location.IsFile ? NameOf(location.Path) : (key, FolderIn(key));
            collector.Add(new SourceRow(File, key, name, location.ToString(), folder, _values));
        }

        public override void Fault(string place, string reason, string detail) =>
            collector.Faults.Add(new DataFault(File, place, reason, detail));

        public override void Advance(long position)
        {
        }

        private (string Name, string Folder) NameOf(string path)
        {
            var name = RealPath.IsIn(path, root) ? Path.GetRelativePath(root, path) : path;
            return (name, FolderIn(name));
        }

        private static string FolderIn(string name) => Path.GetFileName(Path.GetDirectoryName(name) ?? "");

        private void Fill(in NewPair pair)
        {
            _values.Clear();
            _values[Caption] = Encoding.UTF8.GetString(pair.Caption);
            if (!_asksMore)
            {
                return;
            }

            AddText("key", pair.Key);
            AddText("url", pair.Url);
            AddText("sha256", pair.Sha256);
            if (!pair.Extra.IsEmpty)
            {
                AddExtra(pair.Extra);
            }

            foreach (var (alias, name) in _aliases)
            {
                if (_values.TryGetValue(name, out var value))
                {
                    _values.TryAdd(alias, value);
                }
            }
        }

        private void AddText(string name, ReadOnlySpan<byte> text)
        {
            if (!text.IsEmpty)
            {
                _values[name] = Encoding.UTF8.GetString(text);
            }
        }

        private void AddExtra(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json);
            using var extra = JsonDocument.ParseValue(ref reader);
            foreach (var property in extra.RootElement.EnumerateObject())
            {
                _values[property.Name] = property.Value.ValueKind == JsonValueKind.String
                    ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }

        /// <summary>A column that is a pair's own can be asked for by the name that the source gives it.</summary>
        private static Dictionary<string, string> AliasesOf(SourceConfig config)
        {
            var asked = PictureCollector.ColumnsOf(config).ToHashSet(StringComparer.Ordinal);
            var aliases = config.Columns.Where(c => Names.Contains(c.Key)).ToDictionary(c => c.Value, c => c.Key, StringComparer.Ordinal);
            var captions = config.Captions.Count > 0 ? [config.Captions[0]] : PairColumns.UsualNames(PairColumn.Caption);
            foreach (var name in captions)
            {
                aliases[name] = Caption;
            }

            return aliases.Where(a => asked.Contains(a.Key)).ToDictionary(StringComparer.Ordinal);
        }
    }
}
