using Sightline.Models.Images;
using Sightline.Training.Data;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Data;

public sealed class JpegLossTests
{
    [Theory]
    [InlineData(16, 50, 16)]
    [InlineData(16, 100, 1)]
    [InlineData(16, 75, 8)]
    [InlineData(16, 10, 80)]
    [InlineData(99, 1, 255)]
    public void Steps_scale_as_libjpegs(int number, int quality, int step) => Assert.Equal(step, JpegLoss.Step(number, quality));

    [Fact]
    public void A_grey_of_one_shade_moves_to_the_next_step_of_its_mean()
    {
        using var scope = NewDisposeScope();

        // Quality 10: the mean's step is 80, and a mean of m has the coefficient 8 (m - 128). 8 x 7 = 56 rounds to 80: 10 above 128.
        var lossy = AugmentationTests.Bytes(AugmentationTests.Change(
            full([1, 3, 16, 16], 135, ScalarType.Byte), 16, new PictureChanges { Quality = 10 }));

        Assert.All(lossy, b => Assert.Equal(138, b));
    }

    /// <summary>libjpeg computes in integers, so that a coefficient in the middle of two steps here and there goes to the other
    /// one.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(85)]
    public void What_is_lost_is_what_libjpeg_loses(int quality)
    {
        using var scope = NewDisposeScope();
        const int Side = 48;
        var picture = DataFolder.Picture(5, Side, Side);
        for (var i = 0; i < picture.Pixels.Length; i++)
        {
            // Edges and texture, in luma alone and in colour.
            var (x, y) = (i / 3 % Side, i / 3 / Side);
            var texture = (x / 7 % 2 == 0 ? 60 : 0) + 20 * Math.Sin(y * 0.9) * (i % 3 == 0 ? 1 : 0.5);
            picture.Pixels[i] = (byte)Math.Clamp(picture.Pixels[i] * 0.6 + texture, 0, 255);
        }

        Assert.True(ImageDecoder.TryDecode(ImageEncoder.EncodeJpeg(picture, quality), new DecodeOptions(), out var expected, out _));
        var ours = AugmentationTests.Bytes(AugmentationTests.Change(
            tensor(Planes(picture.Pixels), [1, 3, Side, Side]), Side, new PictureChanges { Quality = quality }));

        var theirs = Planes(expected!.Pixels.Pixels);
        var difference = ours.Zip(theirs, (a, b) => (double)Math.Abs(a - b)).Average();
        var loss = Planes(picture.Pixels).Zip(theirs, (a, b) => (double)Math.Abs(a - b)).Average();
        Assert.True(difference < 1.2 && difference < loss / 3, $"differs by {difference:F2}, and the loss is {loss:F2}");
    }

    [Fact]
    public void Only_chosen_pictures_are_compressed()
    {
        using var scope = NewDisposeScope();
        var bytes = new byte[2 * 3 * 16 * 16];
        new Random(1).NextBytes(bytes);

        var lossy = AugmentationTests.Bytes(AugmentationTests.Change(
            tensor(bytes, [2, 3, 16, 16]), 16, PictureChanges.None, new PictureChanges { Quality = 20 }));

        Assert.Equal(bytes[..768], lossy[..768]);
        Assert.NotEqual(bytes[768..], lossy[768..]);
    }

    private static byte[] Planes(byte[] pixels) =>
        [.. Enumerable.Range(0, pixels.Length).Select(i => pixels[i % (pixels.Length / 3) * 3 + i / (pixels.Length / 3)])];
}
