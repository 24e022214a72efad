using Sightline.Curation.Export;

namespace Sightline.Curation.Import;

/// <summary>An export of Sightline's own that is imported again: its manifest tells what its columns and files are.</summary>
/// <param name="ImageFolder">Absolute: what the images lie in that its tables name; null where it has its images itself, or names
/// none.</param>
internal sealed record OwnExport(ExportFormat Format, string? ImageFolder)
{
    private const long LongestManifest = 256 << 20;

    /// <summary>The export that all of the files are of; null where there is none.</summary>
    /// <param name="files">Absolute.</param>
    internal static OwnExport? Of(IReadOnlyList<string> files)
    {
        // Splits have folders of their own beside the manifest.
        var folder = FileSource.CommonFolder(files);
        foreach (var root in new[] { folder, Path.GetDirectoryName(folder) }.OfType<string>())
        {
            if (ReadManifest(root) is { } manifest)
            {
                var own = FilesOf(manifest).Select(f => Path.Join(root, f.Path)).ToHashSet(StringComparer.Ordinal);
                return files.All(own.Contains) ? new OwnExport(manifest.Request.Format, manifest.ImageFolder) : null;
            }
        }

        return null;
    }

    /// <summary>The export whose manifest is in the folder; null where there is none.</summary>
    internal static OwnExport? At(string folder) =>
        ReadManifest(folder) is { } manifest ? new OwnExport(manifest.Request.Format, manifest.ImageFolder) : null;

    /// <summary>Whether a file of the folder belongs to an export and holds no pairs.</summary>
    internal static bool IsNoTable(string folder, string name) => name switch
    {
        ManifestFile.Name => At(folder) is not null,
        ImageFolderEnd.Faults => At(folder) is { Format: ExportFormat.ImageFolder },
        _ => false,
    };

    /// <exception cref="PairSourceException">It names pairs, and has none.</exception>
    internal void Check(string path)
    {
        if (Format is ExportFormat.Uids or ExportFormat.Verdicts)
        {
            throw new PairSourceException(
                $"{path} is an export of {(Format == ExportFormat.Uids ? "uids" : "verdicts")}, which names pairs and holds none: import what it was made from.");
        }
    }

    private static IEnumerable<ExportFile> FilesOf(ExportManifest manifest) => manifest.Shards.SelectMany(s => s.Files).Concat(manifest.Files);

    private static ExportManifest? ReadManifest(string folder)
    {
        var path = Path.Join(folder, ManifestFile.Name);
        if (UnixFile.IsSpecial(path) || new FileInfo(path) is not { Exists: true, Length: <= LongestManifest })
        {
            return null;
        }

        try
        {
            return ManifestFile.Read(folder);
        }
        catch (Exception e) when (e is ExportException or IOException or UnauthorizedAccessException)
        {
            // Others call their files so too; what can be read of one that is damaged is read as theirs is.
            return null;
        }
    }
}
