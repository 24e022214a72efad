using Sightline.Models.Clip;
using Sightline.Training.Runs;

namespace Sightline.Training;

/// <summary>A training that is about to begin: its configuration is read, and its folder is ours.</summary>
/// <param name="Kind">Name of its kind.</param>
/// <param name="Resumes">Whether it goes on from the folder's last checkpoint.</param>
/// <param name="Commit">Of the program.</param>
internal sealed record TrainingWork(
    string Kind, TrainingConfig Config, RunLock Run, bool Resumes, ComputeOptions Compute, TrainingPlaces Places, string Commit, TimeProvider Time,
    IProgress<TrainingProgress> Progress)
{
    /// <summary>Says what takes time before the first step.</summary>
    internal void Tell(string doing) => Progress.Report(new TrainingProgress(0, 0, doing, null, 0, 0, null, null, null));
}
