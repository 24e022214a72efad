using System.Globalization;

namespace Sightline.Models.Images;

/// <summary>What of EXIF the catalogue keeps.</summary>
internal sealed record ExifFields(DateTimeOffset? TakenAt, string? Camera, double? Latitude, double? Longitude)
{
    internal static ExifFields None { get; } = new(null, null, null, null);
}

/// <summary>Reads an EXIF block (Exif 2.32, section 4.6). Fields that are absent, damaged or out of range are null; nothing
/// throws.</summary>
internal static class ExifReader
{
    private const ushort Make = 0x010F;
    private const ushort Model = 0x0110;
    private const ushort ExifDirectory = 0x8769;
    private const ushort GpsDirectory = 0x8825;
    private const ushort DateTimeOriginal = 0x9003;
    private const ushort OffsetTimeOriginal = 0x9011;
    private const ushort GpsLatitudeRef = 1;
    private const ushort GpsLatitude = 2;
    private const ushort GpsLongitudeRef = 3;
    private const ushort GpsLongitude = 4;

    internal static ExifFields Read(ReadOnlySpan<byte> block)
    {
        var stream = block.StartsWith("Exif\0\0"u8) ? block[6..] : block;
        if (!TiffDirectory.TryOpen(stream, out var main))
        {
            return ExifFields.None;
        }

        var exif = main.Child(ExifDirectory);
        var gps = main.Child(GpsDirectory);
        var latitude = Degrees(gps.Rationals(GpsLatitude), gps.Text(GpsLatitudeRef), 'S', 90);
        var longitude = Degrees(gps.Rationals(GpsLongitude), gps.Text(GpsLongitudeRef), 'W', 180);
        var placed = latitude is not null && longitude is not null;
        return new ExifFields(
            Time(exif.Text(DateTimeOriginal), exif.Text(OffsetTimeOriginal)),
            Camera(main.Text(Make), main.Text(Model)),
            placed ? latitude : null,
            placed ? longitude : null);
    }

    /// <summary>Local time of the camera with its offset; UTC where the file gives none.</summary>
    internal static DateTimeOffset? Time(string? time, string? offset)
    {
        if (!DateTime.TryParseExact(time, "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return null;
        }

        var zone = DateTimeOffset.TryParseExact(
            "2000-01-01T00:00:00" + offset?.Trim(), "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None,
                out var known)
            ? known.Offset
            : TimeSpan.Zero;
        return (local - DateTime.MinValue) > zone && (DateTime.MaxValue - local) > -zone ? new DateTimeOffset(local, zone) : null;
    }

    /// <summary>Make and model as one name: models often begin with their make ("NIKON CORPORATION", "NIKON D90").</summary>
    internal static string? Camera(string? make, string? model)
    {
        if (make is null || model is null)
        {
            return model ?? make;
        }

        var words = make.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var named = model.StartsWith(words[0], StringComparison.OrdinalIgnoreCase)
            || words.Any(word => word.Length > 2 && model.Contains(word, StringComparison.OrdinalIgnoreCase));
        return named ? model : $"{make} {model}";
    }

    private static double? Degrees(double[] parts, string? reference, char negative, double limit)
    {
        if (parts.Length == 0 || reference is null)
        {
            return null;
        }

        var degrees = 0.0;
        for (var i = 0; i < Math.Min(3, parts.Length); i++)
        {
            degrees += parts[i] / Math.Pow(60, i);
        }

        var signed = char.ToUpperInvariant(reference[0]) == negative ? -degrees : degrees;
        return Math.Abs(signed) <= limit ? signed : null;
    }
}
