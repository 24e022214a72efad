using System.IO.Enumeration;

namespace Sightline.Curation.Import;

/// <summary>What lies in a folder of a source.</summary>
/// <param name="Reason">Why it is not read: link_outside, broken_link, symlink_loop or not_utf8_name; null where it is.</param>
internal readonly record struct FolderEntry(string Name, bool IsFolder, string? Reason = null, string Detail = "");

/// <summary>
/// Lists folders of a source in ordinal order. Links to files within the source are files; those to folders within it are passed over,
/// since what they lead to is found where it is; those that lead out are faults. Hidden things, and what systems keep for themselves, are
/// passed over.
/// </summary>
internal static class FolderListing
{
    private static readonly EnumerationOptions All = new()
    {
        AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false,
    };

    /// <param name="folder">Below the root or it.</param>
    /// <param name="root">Absolute and free of links.</param>
    /// <exception cref="PairSourceException">The folder cannot be read.</exception>
    internal static List<FolderEntry> Read(string folder, string root)
    {
        var entries = new List<FolderEntry>();
        try
        {
            foreach (var (name, attributes) in new FileSystemEnumerable<(string, FileAttributes)>(
                folder, (ref FileSystemEntry e) => (e.FileName.ToString(), e.Attributes), All))
            {
                if (name.StartsWith('.') || name is "@eaDir" or "__MACOSX" or "lost+found")
                {
                    continue;
                }

                if (Classify(folder, root, name, attributes) is { } entry)
                {
                    entries.Add(entry);
                }
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e is not PairSourceException))
        {
            throw SourceStream.Unreadable(folder, e);
        }

        entries.Sort((x, y) => string.CompareOrdinal(x.Name, y.Name));
        return entries;
    }

    /// <summary>The folder and all below it, in ordinal order, each before those in it. What cannot be read is passed over here, and told
    /// by who reads it.</summary>
    internal static IEnumerable<(string Folder, List<FolderEntry> Entries)> Walk(string folder, string root)
    {
        List<FolderEntry> entries;
        try
        {
            entries = Read(folder, root);
        }
        catch (PairSourceException) when (folder != root)
        {
            // An empty listing keeps the folder among the source's files, where reading it fails by name.
            entries = [new FolderEntry("", IsFolder: false, "unreadable_folder")];
        }

        yield return (folder, entries);
        foreach (var entry in entries)
        {
            if (!entry.IsFolder || entry.Reason is not null)
            {
                continue;
            }

            foreach (var below in Walk(Path.Join(folder, entry.Name), root))
            {
                yield return below;
            }
        }
    }

    private static FolderEntry? Classify(string folder, string root, string name, FileAttributes attributes)
    {
        var path = Path.Join(folder, name);
        if (name.Contains('\ufffd', StringComparison.Ordinal) && !Path.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            return new FolderEntry(name, IsFolder: false, "not_utf8_name", "The name is not UTF-8; rename it to have it read.");
        }

        if ((attributes & FileAttributes.ReparsePoint) == 0)
        {
            return new FolderEntry(name, (attributes & FileAttributes.Directory) != 0);
        }

        var real = RealPath.Of(path);
        return real is null ? new FolderEntry(name, false, "symlink_loop", "The link leads in a circle.")
            : !RealPath.IsIn(real, root) ? new FolderEntry(name, false, "link_outside", $"The link leads to {real}, outside {root}.")
            : Directory.Exists(real) ? null
            : File.Exists(real) ? new FolderEntry(name, IsFolder: false)
            : new FolderEntry(name, false, "broken_link", $"The link leads to {real}, where there is nothing.");
    }
}
