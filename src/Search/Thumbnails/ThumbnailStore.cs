#pragma warning disable CS9113 // contract only, until written
using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>
/// Thumbnails as WebP files named by the picture's SHA-256, so that duplicates share one and a changed file gets a new one.
/// A cache: a thumbnail that is absent is made again from the picture. Files are written to a temporary name and renamed.
/// </summary>
public sealed class ThumbnailStore(string folder)
{
    /// <summary>Height of a thumbnail in the grid, in pixels (twice the drawn height, for dense screens); width follows, at most three times that.</summary>
    public const int Height = 480;

    public string PathOf(ReadOnlySpan<byte> sha256) => throw new NotImplementedException();

    /// <summary>Writes the thumbnail of a decoded picture unless there is one.</summary>
    public void Save(ReadOnlySpan<byte> sha256, RgbImage picture) => throw new NotImplementedException();

    /// <summary>The path of an image's thumbnail, made from <paramref name="file"/> when absent. False, with the fault, when the file gives no picture.</summary>
    public bool TryGet(ReadOnlySpan<byte> sha256, string file, out string? path, out ImageFault? fault) => throw new NotImplementedException();
}
