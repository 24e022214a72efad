using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>
/// Thumbnails as WebP files named by the picture's SHA-256, so that duplicates share one and a changed file gets a new one.
/// A cache: a thumbnail that is absent is made again from the picture. Files are written to a temporary name and renamed, so
/// that any number of threads and processes may write the same one.
/// </summary>
public sealed class ThumbnailStore(string folder)
{
    /// <summary>Height of a thumbnail in the grid, in pixels (twice the drawn height, for dense screens); width follows, at most three
    /// times that.</summary>
    public const int Height = 480;

    private const int Quality = 78;

    /// <summary>libwebp's second-fastest method: a third of the default's time for files a tenth larger.</summary>
    private const int Effort = 1;

    /// <summary>Where the thumbnail of a picture is, or will be; two levels, so that no folder grows past a few thousand files.</summary>
    public string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(folder, name[..2], name[2..] + ".webp");
    }

    /// <summary>Writes the thumbnail of a decoded picture unless there is one.</summary>
    /// <exception cref="IOException">The folder cannot be written to, or the disk is full.</exception>
    public void Save(ReadOnlySpan<byte> sha256, RgbImage picture)
    {
        var path = PathOf(sha256);
        if (File.Exists(path))
        {
            return;
        }

        var thumbnail = ImageEncoder.EncodeWebp(ImageEncoder.Fit(picture, Height * 3, Height), Quality, Effort);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, thumbnail);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The path of an image's thumbnail, made from <paramref name="file"/> when absent. False, with the fault, when the file
    /// gives no picture.</summary>
    public bool TryGet(ReadOnlySpan<byte> sha256, string file, out string? path, out ImageFault? fault)
    {
        path = PathOf(sha256);
        fault = null;
        if (File.Exists(path))
        {
            return true;
        }

        if (!ImageDecoder.TryDecode(file, new DecodeOptions(ShorterSide: Height), out var image, out fault))
        {
            path = null;
            return false;
        }

        Save(sha256, image!.Pixels);
        return true;
    }
}
