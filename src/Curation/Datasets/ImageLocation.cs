using System.Globalization;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Where an image's bytes are: a file, or a stretch of an uncompressed tar. Written as an absolute path, or as
/// <c>tar:OFFSET:LENGTH:/path/of.tar</c>. Nothing else, and no address: what is still to be fetched has no location.
/// </summary>
/// <param name="Path">Absolute.</param>
/// <param name="Offset">Of the first byte; 0 for a whole file.</param>
/// <param name="Length">Bytes; -1 for a whole file.</param>
public readonly record struct ImageLocation(string Path, long Offset, long Length)
{
    private const string Tar = "tar:";

    public static ImageLocation File(string path) => new(path, 0, -1);

    public bool IsFile => Length < 0;

    /// <summary>False where the pair has no image, or what stands there is no location.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out ImageLocation location)
    {
        location = default;
        if (utf8.Length > 0 && utf8[0] == (byte)'/')
        {
            location = File(Encoding.UTF8.GetString(utf8));
            return true;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (!text.StartsWith(Tar, StringComparison.Ordinal) || text.Split(':', 4) is not [_, var offset, var length, var path]
            || !path.StartsWith('/')
            || !long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        location = new ImageLocation(path, start, count);
        return true;
    }

    public override string ToString() => IsFile ? Path : string.Create(CultureInfo.InvariantCulture, $"{Tar}{Offset}:{Length}:{Path}");
}
