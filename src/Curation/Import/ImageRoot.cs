using System.Text;

namespace Sightline.Curation.Import;

/// <summary>The folder that images named by a source lie in. What lies elsewhere, by its path or by way of a link, is not
/// reached.</summary>
internal sealed class ImageRoot
{
    private const int MostFolders = 4096;

    private readonly string _named;
    private readonly string _root;

    /// <summary>Folders that were looked at, free of links; null where links lead in a circle.</summary>
    private readonly Dictionary<string, string?> _folders = new(StringComparer.Ordinal);

    /// <param name="folder">Absolute.</param>
    /// <exception cref="PairSourceException">There is no such folder.</exception>
    internal ImageRoot(string folder)
    {
        if (!Path.IsPathRooted(folder) || !Directory.Exists(folder))
        {
            throw new PairSourceException($"The folder of images {folder} is not there; name it from the root on.");
        }

        _named = folder;
        _root = RealPath.Of(folder) ?? throw new PairSourceException($"The links of {folder} lead in a circle.");
    }

    internal string Folder => _root;

    /// <param name="path">UTF-8: relative to the folder, or absolute; or a stretch of a tar, as <see cref="ImageLocation"/> writes
    /// it.</param>
    /// <param name="location">As <see cref="ImageLocation"/> writes it, free of links but for the last name.</param>
    /// <param name="reason">bad_path, image_outside or image_missing.</param>
    internal bool TryLocate(ReadOnlySpan<byte> path, out byte[] location, out string reason, out string detail)
    {
        location = [];
        (reason, detail) = ("image_missing", "");
        var stretch = default(ImageLocation);
        var isStretch = path.StartsWith("tar:"u8) && ImageLocation.TryParse(path, out stretch);
        var name = isStretch ? stretch.Path : Encoding.UTF8.GetString(path);
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            (reason, detail) = ("bad_path", "The path of the image holds a NUL.");
            return false;
        }

        var full = Path.GetFullPath(name, _root);
        var folder = Path.GetDirectoryName(full) is { } parent ? RealFolder(parent) : null;
        var real = folder is null ? null : Path.Join(folder, Path.GetFileName(full));
        var file = real is null ? null : new FileInfo(real);
        if (file?.LinkTarget is not null)
        {
            real = RealPath.Of(real!);
        }

        if (real is null || !RealPath.IsIn(real, _root))
        {
            (reason, detail) = ("image_outside",
                $"{full} does not lie in {_named}; give the folder that images are in if it shall be read.");
            return false;
        }

        if (!file!.Exists)
        {
            detail = $"{full} is not there.";
            return false;
        }

        location = Encoding.UTF8.GetBytes(
            (isStretch ? stretch with { Path = file.FullName } : ImageLocation.File(file.FullName)).ToString());
        return true;
    }

    private string? RealFolder(string folder)
    {
        if (!_folders.TryGetValue(folder, out var real))
        {
            if (_folders.Count == MostFolders)
            {
                _folders.Clear();
            }

            _folders[folder] = real = RealPath.Of(folder);
        }

        return real;
    }
}
