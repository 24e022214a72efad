namespace Sightline.Curation.Import;

/// <summary>The endings by which image files are known in folders and tars; what a file really is, its bytes tell.</summary>
internal static class ImageEndings
{
    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "heic", "heif", "avif", "bmp",
    };

    /// <param name="ending">Without the dot.</param>
    internal static bool Contains(string ending) => Endings.Contains(ending);

    /// <param name="path">A file's.</param>
    internal static bool IsImage(string path) => Path.GetExtension(path) is ['.', .. var ending] && Contains(ending);
}
