using System.IO.Compression;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

public sealed class ImageFilterTests
{
    private static readonly ImageMeasures Good = new()
    {
        Known = ImageMeasured.Read | ImageMeasured.Pixels | ImageMeasured.TextLikeness, Sharpness = 900, Brightness = 0.5f, Contrast = 0.2f, Entropy = 7, TextLikeness = 0.1f,
    };

    [Fact]
    public void Each_fault_of_quality_has_its_reason()
    {
        var filter = Default("image_quality");

        Assert.Equal("keep", Check(filter, Good));
        Assert.Equal("image_quality.dark", Check(filter, Good with { Brightness = 0.05f, Sharpness = 1 }));
        Assert.Equal("image_quality.bright", Check(filter, Good with { Brightness = 0.95f }));
        Assert.Equal("image_quality.blank", Check(filter, Good with { Contrast = 0.01f, Entropy = 1, Sharpness = 1 }));
        Assert.Equal("image_quality.low_information", Check(filter, Good with { Entropy = 3 }));
        Assert.Equal("image_quality.blurry", Check(filter, Good with { Sharpness = 20 }));
        Assert.Equal("image_quality.unknown", Check(filter, default));
        Assert.Equal("keep", Check(filter, Good with { Brightness = 0.1f, Contrast = 0.05f, Entropy = 4, Sharpness = 50 }));
        Assert.Equal("keep", Check(new ImageQualityFilter(50, null, null, null, null, keepUnknown: true), default));
        Assert.Equal("keep", Check(new ImageQualityFilter(null, null, null, null, null, keepUnknown: false), Good with { Sharpness = 0, Brightness = 0 }));
    }

    [Fact]
    public void Pictures_of_text_and_unreadable_ones_are_dropped()
    {
        Assert.Equal("keep", Check(Default("text_in_image"), Good with { TextLikeness = 0.5f }));
        Assert.Equal("text_in_image.text", Check(Default("text_in_image"), Good with { TextLikeness = 0.51f }));
        Assert.Equal("text_in_image.unknown", Check(Default("text_in_image"), Good with { Known = ImageMeasured.Pixels }));
        Assert.Equal("keep", Check(new TextInImageFilter(0.5, keepUnknown: true), default));
        Assert.Equal("unreadable_images.fault", Check(Default("unreadable_images"), new ImageMeasures { Known = ImageMeasured.Read | ImageMeasured.Fault }));
        Assert.Equal("keep", Check(Default("unreadable_images"), default));
        Assert.Equal("keep", Check(Default("unreadable_images"), Good));
    }

    [SharedFact]
    public void Defaults_keep_photos_and_drop_what_was_spoilt()
    {
        var filter = Default("image_quality");
        var photos = Photos();

        Assert.All(photos, p => Assert.Equal("keep", Check(filter, Measure(p))));
        Assert.All(photos, p => Assert.Equal("image_quality.blurry", Check(filter, Measure(Blur(p)))));
        Assert.All(photos, p => Assert.Equal("image_quality.dark", Check(filter, Measure(Change(p, v => v / 10)))));
        Assert.All(photos, p => Assert.Equal("image_quality.bright", Check(filter, Measure(Change(p, v => 255 - ((255 - v) / 10))))));
        Assert.All(photos, p => Assert.Equal("image_quality.blank", Check(filter, Measure(Change(p, v => 120 + (v / 10))))));
        Assert.Equal("image_quality.low_information", Check(filter, Measure(Shape())));
    }

    private static string Check(PairFilter filter, in ImageMeasures image)
    {
        var facts = default(CaptionFacts);
        var reason = filter.Check(new Pair(new NewPair(), facts, image));
        return reason == PairFilter.Keep ? "keep" : filter.Reasons[reason].Code;
    }

    private static PairFilter Default(string name)
    {
        var definition = FilterCatalog.Find(name)!;
        var values = definition.Parameters.Where(p => p.Default is not null).ToDictionary(p => p.Name, p => JsonDocument.Parse(p.Default!).RootElement);
        return (PairFilter)definition.Create(new FilterArguments(name, values, new RecipeContext("/", false, _ => throw new RecipeException("none"))));
    }

    private static ImageMeasures Measure(RgbImage image)
    {
        var s = ImageStatistics.Of(image);
        return Good with { Sharpness = s.Sharpness, Brightness = s.Brightness, Contrast = s.Contrast, Entropy = s.Entropy };
    }

    private static RgbImage Change(RgbImage image, Func<int, int> change) =>
        new(image.Width, image.Height, [.. image.Pixels.Select(v => (byte)change(v))]);

    // About a Gaussian of 1 % of the longer side.
    private static RgbImage Blur(RgbImage image)
    {
        var small = PillowResample.Resize(image, Math.Max(1, image.Width / 12), Math.Max(1, image.Height / 12), ResampleFilter.Bicubic);
        return PillowResample.Resize(small, image.Width, image.Height, ResampleFilter.Bicubic);
    }

    private static RgbImage Shape()
    {
        var pixels = new byte[200 * 200 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i / 600 is > 60 and < 140 && i % 600 is > 150 and < 450 ? 40 : 240);
        }

        return new RgbImage(200, 200, pixels);
    }

    private static List<RgbImage> Photos()
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "photos.zip"));
        return [.. zip.Entries.Where(e => e.Name.EndsWith(".jpg", StringComparison.Ordinal)).Select(e =>
        {
            using var stream = e.Open();
            var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return ImageDecoder.TryDecode(bytes.ToArray(), new DecodeOptions(), out var image, out _) ? image!.Pixels : throw new InvalidDataException(e.Name);
        })];
    }
}
