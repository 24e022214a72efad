using System.Text;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Images;

public sealed class ExifJsonTests
{
    private static readonly byte[] Jpeg = ImageEncoder.EncodeJpeg(new RgbImage(8, 8, new byte[192]));

    [Fact]
    public void What_the_camera_wrote_is_told_under_the_usual_names()
    {
        var json = ExifJson.Read(ExifJpeg.WithExif(Jpeg, 6, "Nikon", "Nikon D90", "2024:05:01 08:30:00"));

        var exif = JsonSerializer.Deserialize<Dictionary<string, string>>(json!)!;
        Assert.Equal(
            [("EXIF DateTimeOriginal", "2024:05:01 08:30:00"), ("Image Make", "Nikon"), ("Image Model", "Nikon D90"), ("Image Orientation", "6")],
            exif.Select(e => (e.Key, e.Value)).Where(e => !e.Key.Contains("Resolution", StringComparison.Ordinal) && !e.Key.Contains("YCbCr", StringComparison.Ordinal)
                && e.Key is not ("EXIF ColorSpace" or "EXIF ExifImageWidth" or "EXIF ExifImageLength")));
    }

    [Fact]
    public void Fractions_and_lists_are_printed_as_exifread_prints_them()
    {
        byte[] block =
        [
            .. "MM\0*"u8, 0, 0, 0, 8,
            0, 1, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0,
            0, 1, 0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 44, 0, 0, 0, 0,
            0, 0, 0, 48, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0x0B, 0x5A, 0, 0, 0, 100,
        ];

        Assert.Equal("""{"GPS GPSLatitude":"[48, 8, 1453/50]"}""", ExifJson.ReadBlock(block));
    }

    [Fact]
    public void Nothing_and_damage_are_null()
    {
        Assert.Null(ExifJson.Read("no picture"u8));
        Assert.Null(ExifJson.Read([]));
        Assert.Null(ExifJson.ReadBlock(Encoding.ASCII.GetBytes("II*\0\xff\xff\xff\xff")));
    }
}
