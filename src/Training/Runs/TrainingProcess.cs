namespace Sightline.Training.Runs;

/// <param name="Id">Process number.</param>
/// <param name="StartedTicks">Of the process, clock ticks since boot (field 22 of /proc/ID/stat).</param>
public sealed record TrainingProcess(int Id, long StartedTicks);
