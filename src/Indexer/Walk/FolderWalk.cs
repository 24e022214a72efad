namespace Sightline.Indexer.Walk;

/// <summary>A picture file that a walk came to; its fault where it cannot be read at all.</summary>
/// <param name="Path">Relative to the root, with <c>/</c>.</param>
/// <param name="ModifiedAt">To the microsecond, as the catalogue stores it.</param>
/// <param name="Reason">Why it is passed over (symlink_loop, link_outside, broken_link, unreadable_folder, not_utf8_name, vanished,
/// unreadable); null for a file to read.</param>
/// <param name="Detail">The reason in a sentence.</param>
public sealed record WalkedFile(string Path, long Bytes, DateTimeOffset ModifiedAt, string? Reason = null, string? Detail = null);

/// <summary>
/// Finds the picture files below a root, by ending. Nothing outside the root is reached: a link that leads out is an outcome with a
/// reason, one that leads inside is passed over, since what it leads to is found where it is.
/// </summary>
public sealed class FolderWalk
{
    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".bmp",
    };

    private readonly string _root;
    private readonly ExclusionPatterns _exclusions;
    private readonly string? _ownFolder;

    /// <param name="root">Absolute and free of links.</param>
    /// <param name="exclusions">What is passed over.</param>
    /// <param name="ownFolder">Sightline's own data, passed over when it lies below the root.</param>
    public FolderWalk(string root, ExclusionPatterns exclusions, string? ownFolder)
    {
        _root = root;
        _exclusions = exclusions;
        _ownFolder = ownFolder;
    }

    /// <summary>Depth first, names in ordinal order, so that two walks of one tree agree.</summary>
    /// <exception cref="IOException">The root itself cannot be read.</exception>
    public IEnumerable<WalkedFile> Run() => Walk("", isRoot: true);

    private IEnumerable<WalkedFile> Walk(string folder, bool isRoot = false)
    {
        FileSystemInfo[] entries = [];
        WalkedFile? fault = null;
        try
        {
            entries = new DirectoryInfo(Path.Combine(_root, folder)).GetFileSystemInfos();
        }
        catch (Exception e) when (!isRoot && e is UnauthorizedAccessException or IOException)
        {
            fault = Fault(folder, "unreadable_folder", e.Message);
        }

        if (fault is not null)
        {
            yield return fault;
            yield break;
        }

        Array.Sort(entries, (x, y) => string.CompareOrdinal(x.Name, y.Name));
        var alike = 1;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";

            // A name that is not UTF-8 can read like another one; each needs a path of its own.
            alike = i > 0 && entry.Name == entries[i - 1].Name ? alike + 1 : 1;
            if (_exclusions.Excludes(path) || entry.FullName == _ownFolder)
            {
                continue;
            }

            foreach (var found in alike > 1 ? Unnamed(entry, $"{path} ({alike})") : Visit(entry, path))
            {
                yield return found;
            }
        }
    }

    private IEnumerable<WalkedFile> Visit(FileSystemInfo entry, string path)
    {
        var isFolder = entry is DirectoryInfo;
        if (entry.Name.Contains('\ufffd', StringComparison.Ordinal) && !entry.Exists)
        {
            // .NET reads names as UTF-8; one that is not decodes to another name, under which there is nothing.
            return Unnamed(entry, path);
        }

        if (entry.LinkTarget is not null)
        {
            return Link(entry, path) is { } fault && (isFolder || IsPicture(entry) || fault.Reason == "symlink_loop") ? [fault] : [];
        }

        return isFolder ? Walk(path) : IsPicture(entry) ? [Measure((FileInfo)entry, path)] : [];
    }

    private static IEnumerable<WalkedFile> Unnamed(FileSystemInfo entry, string path) => entry is DirectoryInfo || IsPicture(entry)
        ? [Fault(path, "not_utf8_name", "The name is not UTF-8; rename it to have it indexed.")]
        : [];

    private WalkedFile? Link(FileSystemInfo entry, string path)
    {
        FileSystemInfo? target;
        try
        {
            target = entry.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException e)
        {
            return Fault(path, "symlink_loop", e.Message);
        }

        if (target is null || !target.Exists)
        {
            return Fault(path, "broken_link", $"The link leads to {target?.FullName ?? entry.LinkTarget}, where there is nothing.");
        }

        var inside = target.FullName == _root || target.FullName.StartsWith(_root + "/", StringComparison.Ordinal);
        if (!inside)
        {
            return Fault(path, "link_outside", $"The link leads to {target.FullName}, outside {_root}; index that folder itself.");
        }

        return entry.FullName.StartsWith(target.FullName + "/", StringComparison.Ordinal)
            ? Fault(path, "symlink_loop", $"The link leads to {target.FullName}, the folder it lies in.")
            : null;
    }

    private static WalkedFile Measure(FileInfo file, string path)
    {
        try
        {
            return new WalkedFile(path, file.Length, ToMicroseconds(file.LastWriteTimeUtc));
        }
        catch (IOException e)
        {
            return Fault(path, "vanished", e.Message);
        }
        catch (ArgumentOutOfRangeException)
        {
            return Fault(path, "unreadable", "The file's time of change lies beyond the year 9999.");
        }
    }

    private static bool IsPicture(FileSystemInfo entry) => Endings.Contains(entry.Extension);

    private static DateTimeOffset ToMicroseconds(DateTime time) =>
        new(time.Ticks - time.Ticks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static WalkedFile Fault(string path, string reason, string detail) => new(path, 0, DateTimeOffset.UnixEpoch, reason, detail);
}
