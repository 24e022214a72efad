using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Training.Data;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Data;

/// <summary>Each change against its definition, in numbers worked out by hand or by plain code.</summary>
public sealed class AugmentationTests
{
    [Fact]
    public void Nothing_asked_for_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var pixels = Noise(3, 16);

        Assert.Equal(Bytes(pixels), Bytes(new Augmentation(new AugmentationOptions(), 16).Apply(pixels, 1, 0)));
        Assert.Equal(Bytes(pixels), Bytes(Change(pixels, 16, PictureChanges.None, PictureChanges.None, PictureChanges.None)));
        Assert.Equal(Bytes(pixels), Bytes(Augmentation.Whole(pixels, 16)));
    }

    /// <summary>The tolerance is that of numbers that are rounded between the passes there and not here.</summary>
    [Theory]
    [InlineData(74, 64)]
    [InlineData(40, 16)]
    [InlineData(16, 24)]
    public void A_whole_picture_is_what_the_products_preprocessing_makes_within_one_level(int from, int to)
    {
        using var scope = NewDisposeScope();
        var pixels = Noise(2, from);
        var ours = Bytes(Augmentation.Whole(pixels, to));
        var preprocess = new ClipPreprocess(TinyClip.Config(to));
        var differences = new List<int>();
        for (var n = 0; n < 2; n++)
        {
            var theirs = new byte[to * to * 3];
            preprocess.Fill(Image(Bytes(pixels).AsSpan(n * 3 * from * from, 3 * from * from), from), theirs);
            differences.AddRange(theirs.Select((b, i) => Math.Abs(b - ours[n * theirs.Length + i % 3 * to * to + i / 3])));
        }

        Assert.True(differences.Max() <= 1, $"differs by {differences.Max()}");
        Assert.True(differences.Average() < 0.25, $"differs by {differences.Average()} on average");
    }

    [Fact]
    public void A_crop_of_whole_pixels_is_those_pixels()
    {
        using var scope = NewDisposeScope();
        var pixels = Noise(1, 16);
        var crop = new PictureChanges { Crop = new Box(0.25, 0.5, 0.5, 0.5) };

        // 8 x 8 pixels from column 4 and row 8 on, at their own size.
        Assert.Equal(Bytes(pixels.narrow(2, 8, 8).narrow(3, 4, 8)), Bytes(Change(pixels, 8, crop)));
    }

    [Fact]
    public void A_crop_between_pixels_is_the_cubic_through_its_neighbours()
    {
        using var scope = NewDisposeScope();
        byte[] row = [10, 200, 40, 90, 160, 30, 70, 120];
        var pixels = tensor([.. Enumerable.Repeat(row, 24).SelectMany(r => r)], [1, 3, 8, 8]);

        // Half a pixel to the right: -0.0625, 0.5625, 0.5625, -0.0625 of four neighbours (a = -0.5 at 1.5 and 0.5).
        var shifted = Bytes(Change(pixels, 4, new PictureChanges { Crop = new Box(2.5 / 8, 0, 0.5, 0.5) }));

        var expected = new[] { 2, 3, 4, 5 }.Select(i => 0.5625 * (row[i] + row[i + 1]) - 0.0625 * (row[i - 1] + row[i + 2]))
            .Select(v => (int)Math.Floor(v + 0.5)).ToArray();
        Assert.Equal(expected, shifted[..4].Select(b => (int)b));
    }

    [Fact]
    public void A_flip_mirrors_left_and_right_alone()
    {
        using var scope = NewDisposeScope();
        var pixels = Noise(2, 8);
        var flipped = Bytes(Change(pixels, 8, new PictureChanges { IsFlipped = true }, PictureChanges.None));
        var bytes = Bytes(pixels);

        for (var i = 0; i < 192; i++)
        {
            Assert.Equal(bytes[i / 8 * 8 + 7 - i % 8], flipped[i]);
        }

        Assert.Equal(bytes[192..], flipped[192..]);
    }

    [Fact]
    public void Colours_follow_their_formulas()
    {
        // Two pixels of which all numbers stay within 0 to 255; four times so that there is a square.
        (double R, double G, double B)[] colours = [(100, 60, 40), (80, 120, 140), (100, 60, 40), (80, 120, 140)];
        static double Grey((double R, double G, double B) c) => 0.299 * c.R + 0.587 * c.G + 0.114 * c.B;
        static (double R, double G, double B) Each((double R, double G, double B) c, Func<double, double> f) => (f(c.R), f(c.G), f(c.B));
        var mean = colours.Average(Grey);

        Check(new PictureChanges { Brightness = 1.25 }, c => Each(c, v => 1.25 * v));
        Check(new PictureChanges { Contrast = 0.6 }, c => Each(c, v => 0.6 * v + 0.4 * mean));
        Check(new PictureChanges { Saturation = 0.5 }, c => Each(c, v => 0.5 * v + 0.5 * Grey(c)));
        Check(new PictureChanges { Saturation = 0 }, c => Each(c, _ => Grey(c)));
        Check(new PictureChanges { Brightness = 1.2, Contrast = 0.5, Saturation = 0.8 }, c =>
        {
            var contrasted = Each(c, v => 0.5 * 1.2 * v + 0.5 * 1.2 * mean);
            return Each(contrasted, v => 0.8 * v + 0.2 * Grey(contrasted));
        });

        // Half a turn mirrors a colour at its grey: I and Q change their signs.
        Check(new PictureChanges { Hue = 0.5 }, c => Each(c, v => 2 * Grey(c) - v));

        void Check(PictureChanges changes, Func<(double R, double G, double B), (double R, double G, double B)> formula)
        {
            using var scope = NewDisposeScope();
            double[] planes = [.. colours.Select(c => c.R), .. colours.Select(c => c.G), .. colours.Select(c => c.B)];
            var changed = Bytes(Change(tensor([.. planes.Select(p => (byte)p)], [1, 3, 2, 2]), 2, changes));
            for (var i = 0; i < 4; i++)
            {
                var expected = formula(colours[i]);
                Assert.Equal(expected.R, changed[i], 0.51);
                Assert.Equal(expected.G, changed[4 + i], 0.51);
                Assert.Equal(expected.B, changed[8 + i], 0.51);
            }
        }
    }

    [Fact]
    public void A_turn_of_the_hue_keeps_luma_and_comes_back()
    {
        using var scope = NewDisposeScope();
        var pixels = full([1, 3, 2, 2], 128, ScalarType.Float32) + tensor([20f, -10, 5], [1, 3, 1, 1]);
        var turned = ColourMatrices.Apply(pixels, [new PictureChanges { Hue = 0.15 }]);

        Assert.Equal(Luma(pixels), Luma(turned), 0.01);
        Assert.True((turned - pixels).abs().max().ToSingle() > 5);
        Assert.True((ColourMatrices.Apply(turned, [new PictureChanges { Hue = -0.15 }]) - pixels).abs().max().ToSingle() < 0.01);

        static double Luma(Tensor p) => (p * tensor([0.299f, 0.587f, 0.114f], [1, 3, 1, 1])).sum().ToDouble();
    }

    [Fact]
    public void A_blur_spreads_a_point_as_a_Gaussian()
    {
        using var scope = NewDisposeScope();
        var pixels = zeros([1, 3, 15, 15], ScalarType.Byte);
        pixels.narrow(2, 7, 1).narrow(3, 7, 1).fill_(255);

        var blurred = Bytes(Change(pixels, 15, new PictureChanges { Blur = 1 }));

        // exp(-d^2 / 2) over its sum, 2.50663, both ways.
        double Weight(int d) => Math.Exp(-d * d / 2.0) / 2.50663;
        for (var i = 0; i < 225; i++)
        {
            Assert.Equal(255 * Weight(i / 15 - 7) * Weight(i % 15 - 7), blurred[i], 0.6);
        }
    }

    [Fact]
    public void Noise_has_the_deviation_that_is_asked_for()
    {
        using var scope = NewDisposeScope();
        var pixels = full([2, 3, 64, 64], 128, ScalarType.Byte);

        var noisy = Bytes(Change(pixels, 64, new PictureChanges { Noise = 6 }, PictureChanges.None));

        var first = noisy[..(3 * 64 * 64)].Select(b => b - 128.0).ToList();
        Assert.Equal(0, first.Average(), 0.25);
        Assert.Equal(6, Math.Sqrt(first.Average(v => v * v)), 0.2);
        Assert.All(noisy[(3 * 64 * 64)..], b => Assert.Equal(128, b));
    }

    [Fact]
    public void A_cutout_covers_its_rectangle_with_the_mean()
    {
        using var scope = NewDisposeScope();
        var pixels = Noise(1, 8);
        var bytes = Bytes(pixels);

        var cut = Bytes(Change(pixels, 8, new PictureChanges { Cutout = new Box(0.25, 0.5, 0.5, 0.25) }));

        for (var i = 0; i < 192; i++)
        {
            var (x, y) = (i % 8, i / 8 % 8);
            var mean = bytes[(i / 64 * 64)..(i / 64 * 64 + 64)].Average(b => (double)b);
            Assert.Equal(x is >= 2 and < 6 && y is 4 or 5 && x is >= 2 and < 6 ? mean : bytes[i], cut[i], 0.51);
        }
    }

    [Fact]
    public void Draws_stay_within_their_ranges()
    {
        var options = new AugmentationOptions
        {
            Crop = new NumberRange(0.4, 0.9), Aspect = 1.5, Flip = 0.5, Brightness = 0.2, Hue = 0.1, Grayscale = 0.25, BlurShare = 0.5,
            Blur = new NumberRange(1, 2), CompressShare = 0.5, Quality = new NumberRange(30, 60), CutoutShare = 1,
            Cutout = new NumberRange(0.2, 0.4),
        };
        var draws = Enumerable.Range(0, 2000).Select(i => PictureChanges.Draw(options, 7, i)).ToList();

        Assert.All(draws, d =>
        {
            Assert.InRange(d.Crop.Width * d.Crop.Height, 0.4 - 1e-9, 0.9 + 1e-9);
            Assert.InRange(d.Crop.Width / d.Crop.Height, 1 / 1.5 - 1e-9, 1.5 + 1e-9);
            Assert.InRange(d.Crop.Left, 0, 1 - d.Crop.Width + 1e-9);
            Assert.InRange(d.Crop.Top, 0, 1 - d.Crop.Height + 1e-9);
            Assert.InRange(d.Brightness, 0.8, 1.2);
            Assert.InRange(d.Hue, -0.1, 0.1);
            Assert.True(d.Blur is 0 or (>= 1 and <= 2) && d.Quality is 0 or (>= 30 and <= 60));
            Assert.InRange(d.Cutout.Width, 0.2, 0.4);
        });
        Assert.InRange(draws.Count(d => d.IsFlipped), 900, 1100);
        Assert.InRange(draws.Count(d => d.Saturation == 0), 420, 580);
        Assert.InRange(draws.Count(d => d.Quality > 0), 900, 1100);
        Assert.Equal(draws[5], PictureChanges.Draw(options, 7, 5));
        Assert.NotEqual(draws[5].Crop, PictureChanges.Draw(options, 8, 5).Crop);
    }

    [Fact]
    public void Settings_are_read_with_their_ranges()
    {
        var options = AugmentationOptions.Read(DataFolder.Config(
            """{"crop": [0.5, 1], "flip": 0.5, "compress": {"share": 0.3, "quality": [20, 90]}}"""));

        Assert.Equal((new NumberRange(0.5, 1), 0.5), (options.Crop, options.Flip));
        Assert.Equal((0.3, new NumberRange(20, 90)), (options.CompressShare, options.Quality));
        Assert.Equal("crop is two numbers from 0.01 to 1, the lower first, not [1, 0.5].",
            Assert.Throws<TrainingConfigException>(() => AugmentationOptions.Read(DataFolder.Config("""{"crop": [1, 0.5]}"""))).Message);
    }

    [Fact]
    public void No_tensor_is_left_over()
    {
        using var outer = NewDisposeScope();
        var pixels = Noise(2, 12);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var all = new PictureChanges { Blur = 1, Contrast = 0.5, Noise = 2, Quality = 40, Cutout = Box.Whole };
        Change(pixels, 8, all, PictureChanges.None).Dispose();

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    internal static Tensor Change(Tensor pixels, int side, params PictureChanges[] changes)
    {
        using var generator = new Generator(1);
        return Augmentation.Change(pixels, changes, side, generator);
    }

    internal static byte[] Bytes(Tensor pixels) => pixels.contiguous().bytes.ToArray();

    private static Tensor Noise(int count, int side)
    {
        var bytes = new byte[count * 3 * side * side];
        new Random(3).NextBytes(bytes);
        return tensor(bytes, [count, 3, side, side]);
    }

    private static RgbImage Image(ReadOnlySpan<byte> planes, int side)
    {
        var pixels = new byte[planes.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = planes[i % 3 * side * side + i / 3];
        }

        return new RgbImage(side, side, pixels);
    }
}
