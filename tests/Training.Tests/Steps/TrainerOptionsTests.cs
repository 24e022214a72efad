using Sightline.Training.Steps;

namespace Sightline.Training.Tests.Steps;

public sealed class TrainerOptionsTests
{
    private static TrainerOptions Read(string yaml, bool validates = true)
    {
        var root = TrainingConfig.Parse(yaml, "/").Root;
        var length = TrainingLength.Read(root, TrainerDefaults.Clip);
        var options = TrainerOptions.Read(root, length, TrainerDefaults.Clip, stepsPerEpoch: 100, validates);
        root.RequireAllRead();
        return options;
    }

    [Fact]
    public void What_the_file_leaves_out_is_as_the_papers_have_it()
    {
        var options = Read("epochs: 2.5");

        Assert.Equal(
            new TrainerOptions(
                250, 0, new AdamWSettings(5e-4, 0.2, 0.9, 0.98, 1e-6, Warmup: 25, RateShape.Cosine, 0, double.PositiveInfinity), 0, 100, 100, 2, 10, 0),
            options);
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var options = Read("""
            steps: 5000
            batch: 64
            parts: 4
            seed: 7
            optimizer: {rate: 1e-3, decay: 0.05, beta1: 0.8, beta2: 0.95, eps: 1.0e-7, warmup: 100, schedule: constant, final_rate: 1e-5, clip_norm: 1}
            ema: 0.999
            validate_every: 50
            checkpoint_every: 500
            keep: 3
            log_every: 20
            samples_every: 250
            """);

        Assert.Equal(
            new TrainerOptions(5000, 7, new AdamWSettings(1e-3, 0.05, 0.8, 0.95, 1e-7, 100, RateShape.Constant, 1e-5, 1), 0.999, 50, 500, 3, 20, 250), options);
    }

    [Theory]
    [InlineData("batch: 8", "Give either steps or epochs")]
    [InlineData("{steps: 5, epochs: 1}", "Give either steps or epochs")]
    [InlineData("{steps: 0}", "steps is a number from 1 to ")]
    [InlineData("{steps: 1.5}", "steps is a whole number, not 1.5.")]
    [InlineData("{steps: 5, batch: 8, parts: 3}", "parts divides the batch of 8; 3 does not.")]
    [InlineData("{steps: 5, optimizer: {beta2: 1}}", "optimizer.beta2 is a number from 0 to")]
    [InlineData("{steps: 50, optimizer: {warmup: 50}}", "optimizer.warmup is less than the training's 50 steps, not 50.")]
    [InlineData("{steps: 50, optimizer: {final_rate: 1}}", "optimizer.final_rate is at most the rate.")]
    [InlineData("{steps: 50, optimizer: {schedule: linear}}", "optimizer.schedule is one of cosine, constant, not linear.")]
    [InlineData("{steps: 50, optimizer: {rat: 1}}", "optimizer.rat is unknown here")]
    [InlineData("{steps: 50, stepps: 1}", "stepps is unknown here")]
    [InlineData("steps: 50\nema: 1", "ema is a number from 0 to")]
    [InlineData("steps: [", "The configuration is neither YAML nor JSON: line ")]
    [InlineData("- a", "A configuration is a mapping")]
    public void What_cannot_be_is_named(string yaml, string message) =>
        Assert.Contains(message, Assert.Throws<TrainingConfigException>(() => Read(yaml)).Message);

    [Fact]
    public void Nothing_is_validated_without_data_for_it()
    {
        Assert.Equal(0, Read("steps: 50", validates: false).ValidateEvery);
        Assert.Contains("needs data to validate with", Assert.Throws<TrainingConfigException>(() => Read("{steps: 50, validate_every: 5}", validates: false)).Message);
    }

    [Theory]
    [InlineData("{steps: 5, batch: 8, optimizer: {rate: 1}}", "# another\nkeep: 9\noptimizer:\n  rate: 1\nbatch: 8\nsteps: 7", true)]
    [InlineData("{steps: 5, batch: 8}", "{epochs: 5, batch: 8, validate_every: 3}", true)]
    [InlineData("{steps: 5, batch: 8}", "{steps: 5, batch: 16}", false)]
    [InlineData("{steps: 5, data: [a, b]}", "{steps: 5, data: [b, a]}", false)]
    public void A_digest_tells_what_steps_compute_and_nothing_else(string one, string other, bool same) =>
        Assert.Equal(same, TrainingConfig.Parse(one, "/").Digest == TrainingConfig.Parse(other, "/").Digest);
}
