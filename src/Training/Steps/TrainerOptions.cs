namespace Sightline.Training.Steps;

/// <summary>What the loop does around the steps of a training.</summary>
/// <param name="Steps">Updates of the whole training.</param>
/// <param name="Seed">Of all chance in it.</param>
/// <param name="EmaDecay">How much of the averaged weights (Polyak and Juditsky 1992) an update keeps, 0 to less than 1; 0: no averages.</param>
/// <param name="ValidateEvery">Steps between validations, the last step always has one; 0: none ever.</param>
/// <param name="CheckpointEvery">Steps between checkpoints; the last step, the best validation and a stop always make one; 0: only
/// these.</param>
/// <param name="Keep">Newest checkpoints that are kept, besides the best one; at least 1.</param>
/// <param name="LogEvery">Steps that a line of metrics is the mean of.</param>
/// <param name="SamplesEvery">Steps between samples, the last step always has some; 0: none ever.</param>
internal sealed record TrainerOptions(
    long Steps, long Seed, AdamWSettings Optimizer, double EmaDecay, long ValidateEvery, long CheckpointEvery, int Keep, long LogEvery,
    long SamplesEvery)
{
    /// <summary>Reads the keys of a configuration's root.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="length">Steps or epochs, read before the data.</param>
    /// <param name="defaults">Of the kind of training.</param>
    /// <param name="stepsPerEpoch">Steps that see every picture about once.</param>
    /// <param name="validates">Whether there is data to validate with.</param>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    internal static TrainerOptions Read(
        ConfigSection root, TrainingLength length, TrainerDefaults defaults, long stepsPerEpoch, bool validates)
    {
        var steps = length.StepsOf(stepsPerEpoch);
        var epoch = Math.Clamp(stepsPerEpoch, 1, steps);
        var validateEvery = root.Integer("validate_every", validates ? epoch : 0, 0, 1L << 40);
        if (validateEvery > 0 && !validates)
        {
            throw root.Wrong("validate_every", "needs data to validate with, and the configuration names none");
        }

        return new TrainerOptions(
            steps,
            length.Seed,
            AdamWSettings.Read(root.Section("optimizer"), defaults.Optimizer, steps),
            root.Number("ema", defaults.EmaDecay, 0, Math.BitDecrement(1.0)),
            validateEvery,
            root.Integer("checkpoint_every", epoch, 0, 1L << 40),
            (int)root.Integer("keep", 2, 1, 1_000),
            root.Integer("log_every", 10, 1, 1_000_000),
            root.Integer("samples_every", 0, 0, 1L << 40));
    }
}

/// <summary>How much a training sees, and in what chance: what has to be known before its data can be opened.</summary>
/// <param name="Steps">Null where epochs are given.</param>
/// <param name="Epochs">Null where steps are given.</param>
/// <param name="Batch">Pictures of one step, over all its parts.</param>
/// <param name="Parts">Passes forward and backward of a step, whose gradients are added up.</param>
/// <param name="Seed">0 to 2^31 - 1.</param>
internal sealed record TrainingLength(long? Steps, double? Epochs, int Batch, int Parts, long Seed)
{
    /// <exception cref="TrainingConfigException">Neither steps nor epochs, or both; or a setting cannot be; names it.</exception>
    internal static TrainingLength Read(ConfigSection root, TrainerDefaults defaults)
    {
        if (root.Has("steps") == root.Has("epochs"))
        {
            throw new TrainingConfigException("Give either steps or epochs, such as: epochs: 30");
        }

        var batch = (int)root.Integer("batch", defaults.Batch, 1, 1 << 20);
        var parts = (int)root.Integer("parts", 1, 1, 1 << 16);
        if (batch % parts != 0)
        {
            throw root.Wrong("parts", $"divides the batch of {batch}; {parts} does not");
        }

        return new TrainingLength(
            root.Has("steps") ? root.Integer("steps", 0, 1, 1L << 40) : null,
            root.Has("epochs") ? root.Number("epochs", 0, 1e-6, 1e9) : null,
            batch, parts, root.Integer("seed", 0, 0, int.MaxValue));
    }

    internal long StepsOf(long stepsPerEpoch) => Steps ?? Math.Max(1, (long)Math.Ceiling(Epochs!.Value * stepsPerEpoch));
}
