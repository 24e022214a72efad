using System.IO.Compression;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;
using Xunit.Abstractions;

namespace Sightline.Models.Tests.Images;

/// <summary>Against numpy (tests/Golden/images), and on copies of photos.</summary>
public sealed class ImageStatisticsTests(ITestOutputHelper output)
{
    [Fact]
    public void Measures_are_those_of_the_reference()
    {
        foreach (var row in Expected())
        {
            var (kind, width, height) = (row.GetProperty("kind").GetString()!, row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32());

            var actual = ImageStatistics.Of(Picture(kind, width, height));

            // Both round the same doubles to single precision, but for the last digit of sums in another order.
            void Same(string name, float value)
            {
                var expected = row.GetProperty(name).GetDouble();
                Assert.True(Math.Abs(expected - value) <= 1e-6 * Math.Max(1, expected), $"{name} of {kind} {width} x {height}: {value}, not {expected}");
            }

            Same("brightness", actual.Brightness);
            Same("contrast", actual.Contrast);
            Same("entropy", actual.Entropy);
            Same("sharpness", actual.Sharpness);
            Assert.Equal((kind, width, height, row.GetProperty("hash").GetString()), (kind, width, height, actual.PerceptualHash.ToString("x16")));
        }
    }

    [Fact]
    public void A_picture_turned_brighter_or_blurred_is_measured_so()
    {
        var sharp = ImageStatistics.Of(Picture("noise", 256, 256));
        var blurred = ImageStatistics.Of(PillowResample.Resize(
            PillowResample.Resize(Picture("noise", 256, 256), 32, 32, ResampleFilter.Bicubic), 256, 256, ResampleFilter.Bicubic));
        var flat = ImageStatistics.Of(Picture("flat", 256, 256));

        Assert.True(blurred.Sharpness < 20 && sharp.Sharpness > 1000, $"{blurred.Sharpness}, {sharp.Sharpness}");
        Assert.Equal((0f, 0f, 0f, 0UL), (flat.Contrast, flat.Entropy, flat.Sharpness, flat.PerceptualHash));
    }

    [SharedFact]
    public void Copies_of_photos_keep_their_hash_and_other_photos_have_others()
    {
        var photos = Photos();
        var hashes = photos.Select(p => ImageStatistics.Of(p).PerceptualHash).ToList();
        var copies = photos.Zip(hashes).SelectMany(p => Copies(p.First).Select(copy => PerceptualHash.Distance(p.Second, ImageStatistics.Of(copy).PerceptualHash))).ToList();
        var others = hashes.SelectMany((one, i) => hashes.Skip(i + 1).Select(other => PerceptualHash.Distance(one, other))).ToList();

        Assert.Equal(52, photos.Count);
        output.WriteLine($"{copies.Count} copies: at most {copies.Max()} bits, {copies.Average():F2} on average; {others.Count} pairs: at least {others.Min()} bits");
        Assert.InRange(copies.Count(d => d <= 6) / (double)copies.Count, 0.99, 1);
        Assert.InRange(others.Count(d => d > 10) / (double)others.Count, 0.995, 1);
    }

    [SharedFact]
    public void Copies_of_symmetric_pictures_keep_their_hash_too()
    {
        var distances = Photos().Take(20).Select(Mirrored).SelectMany(p =>
        {
            var hash = ImageStatistics.Of(p).PerceptualHash;
            return Copies(p).Select(copy => PerceptualHash.Distance(hash, ImageStatistics.Of(copy).PerceptualHash));
        }).ToList();

        output.WriteLine($"{distances.Count} copies: at most {distances.Max()} bits, {distances.Average():F2} on average");
        Assert.InRange(distances.Count(d => d <= 6) / (double)distances.Count, 0.99, 1);
    }

    [SharedFact]
    public void Shrinking_while_loading_hardly_changes_the_measures()
    {
        foreach (var file in PhotoFiles().Take(4))
        {
            Assert.True(ImageDecoder.TryDecode(file, new DecodeOptions(), out var whole, out _));
            var large = ImageEncoder.EncodeJpeg(PillowResample.Resize(whole!.Pixels, whole.Pixels.Width * 9, whole.Pixels.Height * 9, ResampleFilter.Bicubic), 95);
            Assert.True(ImageDecoder.TryDecode(large, new DecodeOptions(), out var full, out _));
            Assert.True(ImageDecoder.TryDecode(large, new DecodeOptions(ShorterSide: 4 * ImageStatistics.Side), out var shrunk, out _));
            Assert.True(shrunk!.Pixels.Width < full!.Pixels.Width);

            var (one, other) = (ImageStatistics.Of(full.Pixels), ImageStatistics.Of(shrunk.Pixels));

            Assert.InRange(PerceptualHash.Distance(one.PerceptualHash, other.PerceptualHash), 0, 2);
            Assert.Equal(one.Brightness, other.Brightness, 0.005);
            Assert.Equal(one.Contrast, other.Contrast, 0.005);
            Assert.Equal(one.Entropy, other.Entropy, 0.05);
            Assert.InRange(other.Sharpness / one.Sharpness, 0.85, 1.15);
        }
    }

    private static JsonElement[] Expected() => [.. JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Golden", "images", "expected.json"))).RootElement.EnumerateArray()];

    // The formulas of tests/Golden/images/make.py.
    private static RgbImage Picture(string kind, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0L; y < height; y++)
        {
            for (var x = 0L; x < width; x++)
            {
                for (var c = 0L; c < 3; c++)
                {
                    pixels[(((y * width) + x) * 3) + c] = (byte)(kind switch
                    {
                        "flat" => 60 + (70 * c),
                        "gradient" => ((x * 200 / Math.Max(1, width - 1)) + (y * 40 / Math.Max(1, height - 1)) + (c * 7)) % 256,
                        "rings" => (((x - (width / 3)) * (x - (width / 3))) + ((y - (height / 2)) * (y - (height / 2))) + (900 * c)) / 97 % 256,
                        "noise" => Square((x * 7919) + (y * 104729) + (c * 1299709)) % 65537 / 257 % 256,
                        _ => Math.Abs((2 * x) - width + 1) < width / 4 || Math.Abs((2 * y) - height + 1) < height / 4 ? 20 + (30 * c) : 250,
                    });
                }
            }
        }

        return new RgbImage(width, height, pixels);
    }

    private static long Square(long n) => n * n;

    private static List<byte[]> PhotoFiles()
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "photos.zip"));
        return [.. zip.Entries.Where(e => e.Name.EndsWith(".jpg", StringComparison.Ordinal)).Select(e =>
        {
            using var stream = e.Open();
            var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        })];
    }

    private static List<RgbImage> Photos() =>
        [.. PhotoFiles().Select(f => ImageDecoder.TryDecode(f, new DecodeOptions(), out var image, out _) ? image!.Pixels : throw new InvalidDataException())];

    private static IEnumerable<RgbImage> Copies(RgbImage photo)
    {
        foreach (var quality in new[] { 95, 75, 50, 30 })
        {
            yield return Decode(ImageEncoder.EncodeJpeg(photo, quality));
        }

        yield return Decode(ImageEncoder.EncodeWebp(photo, 50));
        foreach (var filter in new[] { ResampleFilter.Bilinear, ResampleFilter.Bicubic, ResampleFilter.Lanczos })
        {
            foreach (var scale in new[] { 0.25, 0.33, 0.5, 0.75, 1.5 })
            {
                yield return PillowResample.Resize(photo, (int)(photo.Width * scale), (int)(photo.Height * scale), filter);
            }
        }

        yield return Decode(ImageEncoder.EncodeJpeg(PillowResample.Resize(photo, 256, 256 * photo.Height / photo.Width, ResampleFilter.Bicubic), 75));
        yield return Decode(ImageEncoder.EncodeJpeg(PillowResample.Resize(photo, 128, 128, ResampleFilter.Bicubic), 50));
    }

    private static RgbImage Decode(byte[] file) =>
        ImageDecoder.TryDecode(file, new DecodeOptions(), out var image, out var fault) ? image!.Pixels : throw new InvalidDataException(fault!.Detail);

    private static RgbImage Mirrored(RgbImage photo)
    {
        var pixels = new byte[photo.Pixels.Length * 2];
        var (from, to) = (photo.Width * 3, photo.Width * 6);
        for (var y = 0; y < photo.Height; y++)
        {
            var row = photo.Pixels.AsSpan(y * from, from);
            row.CopyTo(pixels.AsSpan(y * to));
            for (var x = 0; x < photo.Width; x++)
            {
                row.Slice(x * 3, 3).CopyTo(pixels.AsSpan((y * to) + to - ((x + 1) * 3)));
            }
        }

        return new RgbImage(photo.Width * 2, photo.Height, pixels);
    }
}
