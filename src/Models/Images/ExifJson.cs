using System.Collections.Frozen;
using System.Text.Json;

namespace Sightline.Models.Images;

/// <summary>
/// What cameras wrote into a file, as img2dataset keeps it: a JSON object of texts under the names of Python's exifread, such as
/// <c>Image Make</c>, <c>EXIF ExposureTime</c> (<c>1/60</c>) and <c>GPS GPSLatitude</c> (<c>[48, 8, 1453/50]</c>). Tags that are not
/// common, and those of unknown layout such as a maker's note, are left out; numbers that stand for a word stay numbers.
/// </summary>
public static unsafe class ExifJson
{
    private const ushort ExifDirectory = 0x8769;
    private const ushort GpsDirectory = 0x8825;

    // Longer texts are no caption of a camera's.
    private const int LongestText = 2_000;

    private static readonly FrozenDictionary<ushort, string> Image = Names(
        (0x010E, "ImageDescription"), (0x010F, "Make"), (0x0110, "Model"), (0x0112, "Orientation"), (0x011A, "XResolution"), (0x011B, "YResolution"),
        (0x0128, "ResolutionUnit"), (0x0131, "Software"), (0x0132, "DateTime"), (0x013B, "Artist"), (0x0213, "YCbCrPositioning"), (0x8298, "Copyright"));

    private static readonly FrozenDictionary<ushort, string> Exif = Names(
        (0x829A, "ExposureTime"), (0x829D, "FNumber"), (0x8822, "ExposureProgram"), (0x8827, "ISOSpeedRatings"), (0x9003, "DateTimeOriginal"),
        (0x9004, "DateTimeDigitized"), (0x9010, "OffsetTime"), (0x9011, "OffsetTimeOriginal"), (0x9012, "OffsetTimeDigitized"), (0x9102, "CompressedBitsPerPixel"),
        (0x9202, "ApertureValue"), (0x9205, "MaxApertureValue"), (0x9206, "SubjectDistance"), (0x9207, "MeteringMode"), (0x9208, "LightSource"),
        (0x9209, "Flash"), (0x920A, "FocalLength"), (0x9290, "SubSecTime"), (0x9291, "SubSecTimeOriginal"), (0x9292, "SubSecTimeDigitized"),
        (0xA001, "ColorSpace"), (0xA002, "ExifImageWidth"), (0xA003, "ExifImageLength"), (0xA20E, "FocalPlaneXResolution"), (0xA20F, "FocalPlaneYResolution"),
        (0xA210, "FocalPlaneResolutionUnit"), (0xA217, "SensingMethod"), (0xA401, "CustomRendered"), (0xA402, "ExposureMode"), (0xA403, "WhiteBalance"),
        (0xA404, "DigitalZoomRatio"), (0xA405, "FocalLengthIn35mmFilm"), (0xA406, "SceneCaptureType"), (0xA407, "GainControl"), (0xA408, "Contrast"),
        (0xA409, "Saturation"), (0xA40A, "Sharpness"), (0xA40C, "SubjectDistanceRange"), (0xA420, "ImageUniqueID"), (0xA431, "BodySerialNumber"),
        (0xA433, "LensMake"), (0xA434, "LensModel"));

    private static readonly FrozenDictionary<ushort, string> Gps = Names(
        (0x0001, "GPSLatitudeRef"), (0x0002, "GPSLatitude"), (0x0003, "GPSLongitudeRef"), (0x0004, "GPSLongitude"), (0x0005, "GPSAltitudeRef"),
        (0x0006, "GPSAltitude"), (0x0007, "GPSTimeStamp"), (0x000C, "GPSSpeedRef"), (0x000D, "GPSSpeed"), (0x0010, "GPSImgDirectionRef"),
        (0x0011, "GPSImgDirection"), (0x0012, "GPSMapDatum"), (0x001D, "GPSDate"));

    /// <returns>Null: the file has no EXIF, or is no picture that is read.</returns>
    public static string? Read(ReadOnlySpan<byte> file)
    {
        var format = ImageSignature.Recognise(file[..Math.Min(file.Length, ImageSignature.Length)]);
        if (format is null || ImageSignature.NativeOf(format) is not { } native)
        {
            return null;
        }

        if (format == "tiff")
        {
            return ReadBlock(file);
        }

        fixed (byte* bytes = file)
        {
            using var image = LibVips.Open(bytes, file.Length, native, 1, out _, out _, out _);
            return image is null ? null : ReadBlock(LibVips.Exif(image));
        }
    }

    internal static string? ReadBlock(ReadOnlySpan<byte> block)
    {
        if (!TiffDirectory.TryOpen(block.StartsWith("Exif\0\0"u8) ? block[6..] : block, out var main))
        {
            return null;
        }

        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Collect(main, "Image ", Image, values);
        Collect(main.Child(ExifDirectory), "EXIF ", Exif, values);
        Collect(main.Child(GpsDirectory), "GPS ", Gps, values);
        return values.Count == 0 ? null : JsonSerializer.Serialize(values);
    }

    private static void Collect(TiffDirectory directory, string prefix, FrozenDictionary<ushort, string> names, SortedDictionary<string, string> values)
    {
        for (var i = 0; i < directory.Count; i++)
        {
            var tag = directory.TagAt(i);
            if (names.TryGetValue(tag, out var name) && directory.Describe(tag) is { Length: > 0 and <= LongestText } value)
            {
                values.TryAdd(prefix + name, value);
            }
        }
    }

    private static FrozenDictionary<ushort, string> Names(params (ushort Tag, string Name)[] names) => names.ToFrozenDictionary(n => n.Tag, n => n.Name);
}
