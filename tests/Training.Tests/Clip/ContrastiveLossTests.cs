using Sightline.Training.Clip;
using TorchSharp.Modules;
using static Sightline.Training.Tests.Clip.Gradients;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

public sealed class ContrastiveLossTests
{
    [Fact]
    public void Without_duplicates_it_is_the_loss_of_the_paper()
    {
        using var scope = NewDisposeScope();
        var (images, texts, scale) = (Random(1, 5, 7), Random(2, 5, 7), tensor(1.3, ScalarType.Float64));
        var logits = ContrastiveLoss.Logits(images, texts, scale);
        var numbers = arange(5, ScalarType.Int64);
        var expected = (nn.functional.cross_entropy(logits, numbers) + nn.functional.cross_entropy(logits.t(), numbers)) / 2;

        Assert.Equal(expected.ToDouble(), Loss(images, texts, scale, [0, 1, 2, 3, 4], ["a", "b", "c", "d", "e"], 0).ToDouble(), 12);
        var cosines = nn.functional.normalize(images).matmul(nn.functional.normalize(texts).t());
        Assert.Equal(Math.Exp(1.3), logits.abs().max().ToDouble() / cosines.abs().max().ToDouble(), 9);
    }

    [Fact]
    public void Smoothing_is_that_of_cross_entropy()
    {
        using var scope = NewDisposeScope();
        var (images, texts, scale) = (Random(1, 4, 3), Random(2, 4, 3), tensor(0.5, ScalarType.Float64));
        var logits = ContrastiveLoss.Logits(images, texts, scale);
        var numbers = arange(4, ScalarType.Int64);
        var expected = (nn.functional.cross_entropy(logits, numbers, label_smoothing: 0.2)
            + nn.functional.cross_entropy(logits.t(), numbers, label_smoothing: 0.2)) / 2;
        Assert.Equal(expected.ToDouble(), Loss(images, texts, scale, [0, 1, 2, 3], ["a", "b", "c", "d"], 0.2).ToDouble(), 12);
    }

    [Fact]
    public void Equal_pictures_and_equal_captions_are_positives()
    {
        // Rows 0 and 2 are one picture; rows 1 and 2 have one caption, so picture 0 (row 0) has the captions a and b.
        float[] expected =
        [
            1, 1, 1, 0,
            0, 1, 1, 0,
            1, 1, 1, 0,
            0, 0, 0, 1,
        ];
        Assert.Equal(expected, ContrastiveTargets.Positives([7, 8, 7, 9], ["a", "b", "b", "c"]));
    }

    [Fact]
    public void A_batch_of_one_picture_and_caption_over_and_over_has_nothing_to_tell_apart()
    {
        using var scope = NewDisposeScope();
        var row = Random(3, 1, 6);
        var (images, texts) = (row.expand(4, 6), Random(4, 1, 6).expand(4, 6));
        var loss = Loss(images, texts, tensor(3.0, ScalarType.Float64), [5, 5, 5, 5], ["x", "x", "x", "x"], 0);

        // Its least: the entropy of four equal shares.
        Assert.Equal(Math.Log(4), loss.ToDouble(), 12);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var images = new Parameter(Random(5, 6, 5));
        using var texts = new Parameter(Random(6, 6, 5));
        using var scale = new Parameter(tensor(1.7, ScalarType.Float64));
        Tensor Compute() => Loss(images, texts, scale, [1, 2, 1, 3, 4, 5], ["a", "b", "c", "b", "d", "e"], 0.1);
        Compute().backward();
        AssertAreOf([("images", images), ("texts", texts), ("scale", scale)], () => Compute().ToDouble(), most: 30);
    }

    private static Tensor Loss(Tensor images, Tensor texts, Tensor scale, int[] pictures, string[] captions, double smoothing)
    {
        var positives = tensor(ContrastiveTargets.Positives(pictures, captions), [captions.Length, captions.Length], ScalarType.Float64);
        var (rows, columns) = ContrastiveLoss.Targets(positives, smoothing);
        return ContrastiveLoss.CrossEntropy(ContrastiveLoss.Logits(images, texts, scale), rows, columns);
    }

    private static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randn(shape, ScalarType.Float64, generator: generator);
    }
}
