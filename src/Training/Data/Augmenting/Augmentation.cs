using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>
/// Changes the pictures of a training on their device, each by its own draw, in the order in which a picture comes about: crop, flip and
/// blur, colour, noise, compression, and last what covers it. Arithmetic is in float32.
/// </summary>
/// <param name="side">Of the results: the model's input, pixels.</param>
internal sealed class Augmentation(AugmentationOptions options, int side)
{
    private const ulong OfNoise = 5;

    internal int Side => side;

    /// <param name="pixels">[N, 3, P, P], uint8.</param>
    /// <param name="first">Place of the first picture in the row of all pictures of the training: with the seed, all that the draws follow
    /// from; noise follows from the first of the batch.</param>
    /// <returns>[N, 3, side, side], uint8, on the same device.</returns>
    internal Tensor Apply(Tensor pixels, long seed, long first)
    {
        var changes = new PictureChanges[pixels.size(0)];
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = PictureChanges.Draw(options, seed, first + i);
        }

        using var generator = new Generator(new DrawSequence(seed, OfNoise, first).Next() >> 1, pixels.device);
        return Change(pixels, changes, side, generator);
    }

    /// <summary>The picture whole, at another size: what the product's preprocessing makes of it but for rounding; it rounds between its
    /// two passes, so numbers differ by 1 at most.</summary>
    internal static Tensor Whole(Tensor pixels, int side)
    {
        if (pixels.size(3) == side)
        {
            return pixels;
        }

        using var scope = NewDisposeScope();
        var changes = new PictureChanges[pixels.size(0)];
        Array.Fill(changes, PictureChanges.None);
        return ToBytes(Resample(pixels, changes, side)).MoveToOuterDisposeScope();
    }

    /// <param name="changes">One for each picture.</param>
    /// <param name="generator">Of noise.</param>
    internal static Tensor Change(Tensor pixels, PictureChanges[] changes, int side, Generator generator)
    {
        using var scope = NewDisposeScope();
        var changed = Resample(pixels, changes, side);
        if (Array.Exists(changes, c => c.HasColour))
        {
            changed = ColourMatrices.Apply(changed, changes);
        }

        if (Array.Exists(changes, c => c.Noise > 0))
        {
            var deviations = Column(changes, c => c.Noise, pixels.device);
            changed = randn(changed.shape, ScalarType.Float32, pixels.device, generator: generator).mul_(deviations).add_(changed);
        }

        changed = Compress(changed, changes);
        return ToBytes(Array.Exists(changes, c => c.Cutout.Width > 0) ? Cover(changed, changes) : changed).MoveToOuterDisposeScope();
    }

    private static Tensor Resample(Tensor pixels, PictureChanges[] changes, int side)
    {
        var (count, from) = (changes.Length, (int)pixels.size(3));
        var source = pixels.to(ScalarType.Float32);
        if (from == side && Array.TrueForAll(changes, c => c.Crop == Box.Whole && !c.IsFlipped && c.Blur == 0))
        {
            return source;
        }

        var flips = changes.Select(c => c.IsFlipped).ToArray();
        var across = ResampleMatrices.Create(
            [.. changes.Select(c => c.Crop.Left * from)], [.. changes.Select(c => c.Crop.Width * from)], from, side, flips, pixels.device);
        var down = ResampleMatrices.Create(
            [.. changes.Select(c => c.Crop.Top * from)], [.. changes.Select(c => c.Crop.Height * from)], from, side, null, pixels.device);
        if (Array.Exists(changes, c => c.Blur > 0))
        {
            var blur = ResampleMatrices.Blur([.. changes.Select(c => c.Blur)], side, pixels.device);
            (across, down) = (blur.bmm(across), blur.bmm(down));
        }

        // Across, then down, within 0 to 255 after each, as Pillow does: [N, 3P, P] x [N, P, S], and [N, 3, S, P] x [N, 3, P, S].
        var rows = source.view(count, 3 * from, from).bmm(across.transpose(1, 2)).clamp_(0, 255).view(count, 3, from, side);
        return down.unsqueeze(1).matmul(rows).clamp_(0, 255);
    }

    /// <summary>Only those that are compressed go through it.</summary>
    private static Tensor Compress(Tensor pixels, PictureChanges[] changes)
    {
        var chosen = Enumerable.Range(0, changes.Length).Where(i => changes[i].Quality > 0).ToArray();
        if (chosen.Length == 0)
        {
            return pixels;
        }

        var places = tensor([.. chosen.Select(i => (long)i)], device: pixels.device);
        var lossy = JpegLoss.Apply(pixels.index_select(0, places), [.. chosen.Select(i => changes[i].Quality)]);
        return chosen.Length == changes.Length ? lossy : pixels.clone().index_put_(lossy, places);
    }

    /// <summary>Fills rectangles with their pictures' mean colours (DeVries, Taylor, "Improved regularization of convolutional neural
    /// networks with cutout", 2017). A pixel is covered where its middle is.</summary>
    private static Tensor Cover(Tensor pixels, PictureChanges[] changes)
    {
        var side = (int)pixels.size(3);
        var middles = arange(0, side, ScalarType.Float32, pixels.device).add_(0.5).div_(side).view(1, 1, 1, side);
        Tensor Within(Func<Box, double> start, Func<Box, double> length) =>
            middles.ge(Column(changes, c => start(c.Cutout), pixels.device))
                .logical_and(middles.lt(Column(changes, c => start(c.Cutout) + length(c.Cutout), pixels.device)));
        var columns = Within(b => b.Left, b => b.Width);
        var rows = Within(b => b.Top, b => b.Height).transpose(2, 3);
        return where(rows.logical_and(columns), pixels.mean([2, 3], keepdim: true), pixels);
    }

    private static Tensor Column(PictureChanges[] changes, Func<PictureChanges, double> number, Device device) =>
        tensor([.. changes.Select(c => (float)number(c))], [changes.Length, 1, 1, 1], device: device);

    private static Tensor ToBytes(Tensor pixels) => pixels.clamp(0, 255).add_(0.5).to(ScalarType.Byte);
}
