using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Images;

/// <summary>Decoding and resampling against the pixel_values of the Pillow-based CLIP image processor.</summary>
public sealed class PreprocessGoldenTests
{
    private const int Side = 224;

    /// <summary>One grey level is about 0.0146 here.</summary>
    private const double Tolerance = 0.02;

    private static readonly float[] Mean = [0.48145466f, 0.4578275f, 0.40821073f];
    private static readonly float[] Deviation = [0.26862954f, 0.26130258f, 0.27577711f];

    public static TheoryData<string> Pictures => new(
        "alpha.png", "baseline_420.jpg", "baseline_444.jpg", "cmyk.jpg", "exif_orientation_1.jpg", "frame.gif", "grey.jpg", "grey16.png",
        "grey_alpha.png", "jpg_1600x300.jpg", "jpg_3000x2000.jpg", "lossless.webp", "lossy.webp", "palette.png", "picture.bmp",
        "picture.tiff", "png_1x1.png", "png_224x224.png", "png_225x223.png", "png_2x900.png", "png_480x640.png", "png_500x375.png",
        "png_640x480.png", "png_97x61.png", "progressive.jpg");

    [SharedTheory]
    [MemberData(nameof(Pictures))]
    public void Pixel_values_agree_with_the_reference(string name)
    {
        var expected = Expected(name);

        var actual = PixelValues(Path.Combine(Folder, name));

        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Average(), 0, Tolerance);
    }

    private static string Folder => SharedData.PathOf("golden", "preprocess");

    /// <summary>Shortest edge to 224 with bicubic, centre crop, mean and deviation of CLIP: [3, 224, 224].</summary>
    private static float[] PixelValues(string path)
    {
        Assert.True(ImageDecoder.TryDecode(path, new DecodeOptions(), out var image, out var fault), fault?.Detail);
        var (width, height) = (image!.Pixels.Width, image.Pixels.Height);
        var (toWidth, toHeight) = width <= height ? (Side, Side * height / width) : (Side * width / height, Side);
        var crop = new CropBox((toWidth - Side) / 2, (toHeight - Side) / 2, Side, Side);
        var rgb = PillowResample.ResizeAndCrop(image.Pixels, toWidth, toHeight, crop, ResampleFilter.Bicubic).Pixels;
        var values = new float[3 * Side * Side];
        for (var i = 0; i < values.Length; i++)
        {
            var channel = i / (Side * Side);
            values[i] = ((rgb[(i % (Side * Side) * 3) + channel] / 255f) - Mean[channel]) / Deviation[channel];
        }

        return values;
    }

    private static float[] Expected(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(Folder, "pixel_values_224.safetensors"));
        var headerBytes = (int)BitConverter.ToInt64(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerBytes));
        var offsets = header.RootElement.GetProperty(name).GetProperty("data_offsets");
        var start = 8 + headerBytes + offsets[0].GetInt32();
        return [.. Enumerable.Range(0, 3 * Side * Side).Select(i => (float)BitConverter.ToHalf(file, start + (i * 2)))];
    }
}
