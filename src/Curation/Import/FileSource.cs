namespace Sightline.Curation.Import;

/// <summary>What the sources have in common.</summary>
internal abstract class FileSource : IPairSource
{
    private readonly PairSourceRequest _request;
    private readonly HashSet<string> _known;
    private readonly string _base;

    /// <param name="files">Absolute, in the order in which they are read.</param>
    protected FileSource(string format, IReadOnlyList<string> files, PairSourceRequest request)
    {
        (Format, Files, _request) = (format, files, request);
        _known = files.ToHashSet(StringComparer.Ordinal);
        _base = CommonFolder(files);
        Names = ColumnNames.Of(request);
    }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Where set, a pair without a key has its image's path from here as one.</summary>
    internal string? KeyFolder { get; init; }

    /// <summary>Files that are not read, and why: links that lead out of the source's folder, or nowhere.</summary>
    internal IReadOnlyDictionary<string, string> Unreachable { get; init; } = new Dictionary<string, string>();

    protected ColumnNames Names { get; }

    // A pair without a caption that a run has kept is a pair.
    protected bool NeedsCaption => !_request.KeepUncaptioned && !IsOwnExport;

    /// <summary>See <see cref="PairSourceRequest.Export"/>.</summary>
    protected bool IsOwnExport => _request.Export is not null;

    /// <inheritdoc/>
    public void Read(string file, PairSink sink, CancellationToken cancellationToken)
    {
        if (!_known.Contains(file))
        {
            throw new ArgumentException($"{file} is no file of this source.", nameof(file));
        }

        CheckReachable(file);
        ReadFile(file, sink, cancellationToken);
    }

    /// <summary>Looks at a file before any is read: whether its columns say what is needed.</summary>
    /// <exception cref="PairSourceException">It cannot be read.</exception>
    internal void Check(string file)
    {
        CheckReachable(file);
        CheckFile(file);
    }

    protected virtual void CheckFile(string file)
    {
    }

    protected abstract void ReadFile(string file, PairSink sink, CancellationToken cancellationToken);

    protected PairRow NewRow(string file, PairSink sink, ImageRoot? images) =>
        new(sink, !NeedsCaption, images, KeyPrefix(file), KeyFolder);

    /// <summary>Where a table's paths of images lead.</summary>
    protected ImageRoot ImagesOf(string file) => new(_request.ImageFolder ?? Path.GetDirectoryName(file)!);

    private void CheckReachable(string file)
    {
        if (Unreachable.TryGetValue(file, out var cause))
        {
            throw new PairSourceException($"{file} is not read: {cause}");
        }
    }

    // Numbers count from 0 in each file: with several files they need its name.
    private string KeyPrefix(string file)
    {
        if (Files.Count == 1)
        {
            return "";
        }

        var name = Path.GetRelativePath(_base, file);
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 2);
        return (dot < 0 ? name : name[..dot]) + ":";
    }

    internal static string CommonFolder(IReadOnlyList<string> files)
    {
        var folder = files.Count == 0 ? "/" : Path.GetDirectoryName(files[0]) ?? "/";
        foreach (var file in files)
        {
            while (!RealPath.IsIn(file, folder))
            {
                folder = Path.GetDirectoryName(folder)!;
            }
        }

        return folder;
    }
}
