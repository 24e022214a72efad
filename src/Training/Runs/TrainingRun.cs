namespace Sightline.Training.Runs;

/// <summary>How far a training is.</summary>
public enum TrainingState
{
    /// <summary>A process works on it.</summary>
    Running,

    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>It was asked to stop, or its process is gone: <c>--resume</c> goes on from the last checkpoint.</summary>
    Stopped,

    /// <summary>It ended by an error, which <see cref="TrainingRun.Error"/> tells.</summary>
    Failed,
}

/// <summary>What <c>run.json</c> says of a training; rewritten as a whole.</summary>
/// <param name="Kind"><c>clip</c>, <c>dvae</c>, <c>prior</c> or <c>probe</c>.</param>
/// <param name="Name">Of its folder.</param>
/// <param name="Steps">Updates of the whole training.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Seed">Of all chance in it.</param>
/// <param name="Device">As libtorch names it, with the precision: <c>cpu, bf16</c>.</param>
/// <param name="DataDigest">Of <see cref="Data.ITrainingData"/>.</param>
/// <param name="Commit">Of the program that trains.</param>
/// <param name="Process">Number of the process that works on it, and when it began, so that another with its number is told apart.</param>
/// <param name="BestStep">Updates done at the best validation; null before the first.</param>
/// <param name="BestScore">Of that validation.</param>
public sealed record TrainingRun(
    string Kind, string Name, TrainingState State, long Steps, long Step, long Seed, string Device, string DataDigest, string Commit,
    DateTimeOffset Started, DateTimeOffset Updated, string? Error, TrainingProcess Process, long? BestStep, double? BestScore);
