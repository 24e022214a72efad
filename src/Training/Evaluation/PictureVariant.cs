using System.Diagnostics;
using Sightline.Models.Images;

namespace Sightline.Training.Evaluation;

/// <summary>A picture made worse in a way that people hardly notice and models may.</summary>
internal sealed record PictureVariant(string Name, Func<RgbImage, RgbImage>? Change)
{
    internal static IReadOnlyList<PictureVariant> All { get; } = [new("as they are", null), new("JPEG quality 50", Compressed), new("slightly blurred", Blurred)];

    private static RgbImage Compressed(RgbImage image) =>
        ImageDecoder.TryDecode(ImageEncoder.EncodeJpeg(image, 50), new DecodeOptions(), out var decoded, out var fault)
            ? decoded!.Pixels
            : throw new UnreachableException($"A JPEG of our own cannot be read: {fault!.Detail}");

    /// <summary>A Gaussian whose deviation is a hundredth of the shorter side: 0.64 pixels of 64, 2.24 of 224.</summary>
    private static RgbImage Blurred(RgbImage image)
    {
        var deviation = Math.Min(image.Width, image.Height) / 100.0;
        var reach = (int)Math.Ceiling(3 * deviation);
        double[] taps = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(i => Math.Exp(-i * i / (2 * deviation * deviation)))];
        var sum = taps.Sum();
        taps = [.. taps.Select(t => t / sum)];
        var across = new double[image.Pixels.Length];
        var result = new byte[image.Pixels.Length];
        for (var at = 0; at < across.Length; at++)
        {
            var (x, rest) = (at / 3 % image.Width, at - at / 3 % image.Width * 3);
            for (var i = 0; i < taps.Length; i++)
            {
                across[at] += taps[i] * image.Pixels[rest + Math.Clamp(x + i - reach, 0, image.Width - 1) * 3];
            }
        }

        var row = image.Width * 3;
        for (var at = 0; at < result.Length; at++)
        {
            var value = 0.5;
            for (var i = 0; i < taps.Length; i++)
            {
                value += taps[i] * across[Math.Clamp(at / row + i - reach, 0, image.Height - 1) * row + at % row];
            }

            result[at] = (byte)Math.Clamp(value, 0, 255);
        }

        return new RgbImage(image.Width, image.Height, result);
    }
}
