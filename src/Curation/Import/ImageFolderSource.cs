namespace Sightline.Curation.Import;

/// <summary>
/// Hugging Face's imagefolder (https://huggingface.co/docs/datasets/image_dataset): metadata.csv, metadata.jsonl or metadata.parquet with
/// file_name, relative to it, and text or caption, in the folder or in those of its splits. Images that no metadata names are not read. The
/// file's name, relative to the folder, is the key.
/// </summary>
internal sealed class ImageFolderSource : IPairSource
{
    internal const string ImageFolder = "imagefolder";

    private readonly Dictionary<string, FileSource> _sources = new(StringComparer.Ordinal);

    internal ImageFolderSource(IReadOnlyList<string> files, IReadOnlyDictionary<string, string> unreachable, PairSourceRequest request)
    {
        Files = files;
        var asked = request.Columns.ContainsKey(PairColumn.Image)
            ? request.Columns
            : new Dictionary<PairColumn, string>(request.Columns) { [PairColumn.Image] = "file_name" };
        var folder = FileSource.CommonFolder(files);
        foreach (var tables in files.GroupBy(Path.GetExtension))
        {
            var columns = request with { Columns = asked };
            FileSource source = tables.Key switch
            {
                ".csv" => new DelimitedSource(DelimitedSource.Csv, [.. tables], columns) { KeyFolder = folder, Unreachable = unreachable },
                ".jsonl" => new JsonSource([.. tables], columns) { KeyFolder = folder, Unreachable = unreachable },
                _ => new ParquetTableSource([.. tables], columns) { KeyFolder = folder, Unreachable = unreachable },
            };
            foreach (var file in tables)
            {
                _sources.Add(file, source);
            }
        }
    }

    /// <inheritdoc/>
    public string Format => ImageFolder;

    /// <inheritdoc/>
    public IReadOnlyList<string> Files { get; }

    internal void Check(string file) => _sources[file].Check(file);

    /// <inheritdoc/>
    public void Read(string file, PairSink sink, CancellationToken cancellationToken) 
    {
        if (!_sources.TryGetValue(file, out var source))
        {
            throw new ArgumentException($"{file} is no file of this source.", nameof(file));
        }

        source.Read(file, sink, cancellationToken);
    }
}
