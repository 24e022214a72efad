using Sightline.Models.Images;

namespace Sightline.Curation;

/// <summary>Reads the images of pairs from where they are; whatever goes wrong is a fault, not an exception. Thread-safe.</summary>
public static class PairImages
{
    /// <summary>
    /// Reads an image's bytes, encoded as they are: a file, or its stretch of a tar. False, with the fault: empty_file, unknown_format,
    /// too_large, unreadable, vanished, or truncated where the tar ends before the image does.
    /// </summary>
    /// <param name="maxBytes">Of the longest image that is read.</param>
    public static bool TryRead(ImageLocation location, long maxBytes, out byte[] bytes, out ImageFault? fault) => location.IsFile
        ? PictureFile.TryRead(location.Path, maxBytes, out bytes, out fault)
        : PictureFile.TryRead(location.Path, location.Offset, location.Length, maxBytes, out bytes, out fault);
}
