using Sightline.Models.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] Logits = [0.5f, -1f, 1.2f, 0f, -0.3f, 2f, -2f, 0.9f];

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0.7, 0, 1)]
    [InlineData(1, 4, 1)]
    [InlineData(1.3, 0, 0.8)]
    public void Draws_follow_the_softmax(double temperature, int topK, double topP)
    {
        using var scope = NewDisposeScope();
        const int draws = 40_000;
        var logits = tensor(Logits, [1, 1, 8]);
        var options = new SamplingOptions(Temperature: temperature, TopK: topK, TopP: topP);

        var counts = Count(TokenSampler.Sample(logits.expand(1, draws, 8), options, Uniforms(draws)), 8);

        // The filters by hand: the likeliest k; then the likeliest until p is reached.
        var scaled = Logits.Select(l => Math.Exp(l / temperature)).ToArray();
        var order = Enumerable.Range(0, 8).OrderByDescending(i => scaled[i]).Take(topK == 0 ? 8 : topK).ToList();
        var sum = order.Sum(i => scaled[i]);
        var kept = new List<int>();
        foreach (var i in order.TakeWhile(_ => kept.Sum(k => scaled[k] / sum) < topP))
        {
            kept.Add(i);
        }

        Assert.Equal(draws, kept.Sum(i => counts[i]));
        var total = kept.Sum(k => scaled[k]);
        var (statistic, limit) = Tensors.ChiSquare([.. kept.Select(i => counts[i])], [.. kept.Select(i => scaled[i] / total)]);
        Assert.InRange(statistic, 0, limit);
    }

    [Fact]
    public void A_wrong_distribution_is_noticed()
    {
        using var scope = NewDisposeScope();
        var counts = Count(TokenSampler.Sample(tensor(Logits, [1, 1, 8]).expand(1, 40_000, 8), new SamplingOptions(), Uniforms(40_000)), 8);
        var slightlyOff = Tensors.Numbers((tensor(Logits) * 0.95).softmax(0));

        var (statistic, limit) = Tensors.ChiSquare(counts, slightlyOff);

        Assert.True(statistic > limit);
    }

    [Theory]
    [InlineData(1, new[] { 5 })]
    [InlineData(3, new[] { 2, 5, 7 })]
    [InlineData(0, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(8, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(9, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    public void Top_k_leaves_the_k_likeliest(int k, int[] kept) => AssertKept(kept, TokenSampler.TopK(tensor(Logits, [1, 8]), k));

    [Fact]
    public void Top_k_keeps_ties_with_the_last() =>
        AssertKept([0, 2, 3], TokenSampler.TopK(tensor([1f, 0f, 2f, 1f], [1, 4]), 2));

    [Theory]
    [InlineData(1, new[] { 0, 1, 2, 3 })]
    [InlineData(0.95, new[] { 0, 1, 2, 3 })]
    [InlineData(0.7, new[] { 1, 2 })]
    [InlineData(0.51, new[] { 1, 2 })]
    [InlineData(0.49, new[] { 2 })]
    [InlineData(1e-9, new[] { 2 })]
    public void Top_p_leaves_the_smallest_set_that_reaches_p(double p, int[] kept)
    {
        using var scope = NewDisposeScope();
        AssertKept(kept, TokenSampler.TopP(tensor([0.1, 0.3, 0.5, 0.1]).log().view(1, 4), p));
    }

    [Fact]
    public void Filters_do_not_change_what_they_keep()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(Logits, [1, 8]);
        var filtered = Tensors.Numbers(TokenSampler.TopP(TokenSampler.TopK(logits, 5), 0.9));
        Assert.All(filtered.Zip(Logits), pair => Assert.True(double.IsNegativeInfinity(pair.First) || pair.First == pair.Second));
    }

    [Fact]
    public void Rows_are_filtered_each_for_itself()
    {
        using var scope = NewDisposeScope();
        var logits = tensor([3f, 2f, 1f, 1f, 2f, 3f], [2, 3]);
        Assert.Equal([1, 1, 0, 0, 1, 1], Tensors.Numbers(TokenSampler.TopK(logits, 2)).Select(n => double.IsFinite(n) ? 1 : 0));
        Assert.Equal([1, 0, 0, 0, 0, 1], Tensors.Numbers(TokenSampler.TopP(logits, 0.6)).Select(n => double.IsFinite(n) ? 1 : 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2.5)]
    [InlineData(16)]
    public void Guidance_moves_from_without_the_caption_to_beyond_it(double scale)
    {
        using var scope = NewDisposeScope();
        var (with, without) = (Tensors.Uniform(3, 5), Tensors.Uniform(3, 5).flatten().roll(4).view(3, 5) - 0.5);
        var guided = TokenSampler.Guide(stack([with, without]), scale);

        Tensors.AssertAgree(without * (1 - scale) + with * scale, guided, 1e-6);
        Tensors.AssertAgree(with, TokenSampler.Guide(with.unsqueeze(0), scale), 0);
    }

    [Fact]
    public void A_temperature_of_zero_takes_the_likeliest()
    {
        using var scope = NewDisposeScope();
        var tokens = TokenSampler.Sample(tensor(Logits, [1, 1, 8]).expand(1, 50, 8), new SamplingOptions(Temperature: 0), Uniforms(50));
        Assert.All(Tensors.Integers(tokens), token => Assert.Equal(5, token));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.2499999, 1)]
    [InlineData(0.25, 3)]
    [InlineData(0.9999999999999998, 3)]
    public void A_token_of_probability_zero_is_never_drawn(double uniform, long expected)
    {
        using var scope = NewDisposeScope();
        var drawn = TokenSampler.Draw(tensor([0, 0.25, 0, 0.75, 0], [1, 5]), tensor([uniform]));
        Assert.Equal(expected, drawn.item<long>());
    }

    [Fact]
    public void The_noise_is_uniform_and_differs_by_seed_candidate_and_position()
    {
        var counts = new long[100];
        var seen = new HashSet<double>();
        for (var seed = 0; seed < 10; seed++)
        {
            for (var candidate = 0; candidate < 10; candidate++)
            {
                for (var position = 0; position < 1000; position++)
                {
                    var number = SamplingNoise.Uniform(seed - 5, candidate, position);
                    Assert.InRange(number, 0, 1 - 1.0 / (1L << 52));
                    Assert.True(seen.Add(number));
                    counts[(int)(number * 100)]++;
                }
            }
        }

        var (statistic, limit) = Tensors.ChiSquare(counts, [.. Enumerable.Repeat(0.01, 100)]);
        Assert.InRange(statistic, 0, limit);
        Assert.Equal(SamplingNoise.Uniform(long.MinValue, 3, 7), SamplingNoise.Uniform(long.MinValue, 3, 7));
    }

    [Theory]
    [InlineData(0, 1, 0, 1, 1, "Count")]
    [InlineData(513, 1, 0, 1, 1, "Count")]
    [InlineData(1, -0.1, 0, 1, 1, "Temperature")]
    [InlineData(1, double.NaN, 0, 1, 1, "Temperature")]
    [InlineData(1, 1, -1, 1, 1, "TopK")]
    [InlineData(1, 1, 0, 0, 1, "TopP")]
    [InlineData(1, 1, 0, 1.01, 1, "TopP")]
    [InlineData(1, 1, 0, 1, -1, "Guidance")]
    [InlineData(1, 1, 0, 1, double.PositiveInfinity, "Guidance")]
    public void An_option_outside_its_range_is_named(int count, double temperature, int topK, double topP, double guidance, string name)
    {
        var options = new SamplingOptions(count, 0, temperature, topK, topP, guidance);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }

    private static Tensor Uniforms(int count) =>
        tensor([.. Enumerable.Range(0, count).Select(i => SamplingNoise.Uniform(20, i, 3))]);

    private static long[] Count(Tensor tokens, int vocabulary)
    {
        var counts = new long[vocabulary];
        foreach (var token in Tensors.Integers(tokens))
        {
            counts[token]++;
        }

        return counts;
    }

    private static void AssertKept(int[] kept, Tensor filtered)
    {
        var numbers = Tensors.Numbers(filtered);
        Assert.Equal(kept, Enumerable.Range(0, numbers.Length).Where(i => double.IsFinite(numbers[i])));
        filtered.Dispose();
    }
}
