using System.Text.Json;
using Sightline.Curation;

namespace Sightline.Training.Runs;

/// <summary>Reads what trainings say of themselves; safe while they run. Needs no libtorch.</summary>
public static class TrainingRuns
{
    /// <summary>The runs whose folders lie in this one, those begun last first. One whose <c>run.json</c> cannot be read is there as failed,
    /// with the reason.</summary>
    /// <param name="folder">May not exist: there are no runs then.</param>
    public static IReadOnlyList<TrainingRun> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var runs = Directory.GetDirectories(folder).Select(path => new RunFolder(path)).Where(run => File.Exists(run.Run)).Select(ReadOrExplain);
        return [.. runs.OrderByDescending(r => r.Started).ThenBy(r => r.Name, StringComparer.Ordinal)];
    }

    /// <summary>What a run says of itself; <see cref="TrainingState.Stopped"/> where it says that it runs and its process is gone.</summary>
    /// <exception cref="TrainingException">There is no run, or its <c>run.json</c> is damaged; names the folder.</exception>
    public static TrainingRun Read(RunFolder folder)
    {
        TrainingRun? run;
        try
        {
            run = JsonSerializer.Deserialize<TrainingRun>(File.ReadAllBytes(folder.Run), TrainingJson.Indented);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrainingException($"There is no training in {folder.Path}.", e);
        }
        catch (JsonException e)
        {
            throw new TrainingException($"{folder.Run} is damaged: {e.Message}", e);
        }

        // The folder may have been renamed.
        run = (run ?? throw new TrainingException($"{folder.Run} is empty.")) with { Name = folder.Name };
        return run.State == TrainingState.Running && !run.Process.IsAlive ? run with { State = TrainingState.Stopped } : run;
    }

    internal static void Write(RunFolder folder, TrainingRun run) =>
        AtomicFile.WriteText(folder.Run, JsonSerializer.Serialize(run, TrainingJson.Indented) + "\n");

    private static TrainingRun ReadOrExplain(RunFolder folder)
    {
        try
        {
            return Read(folder);
        }
        catch (Exception e) when (e is TrainingException or IOException or UnauthorizedAccessException)
        {
            var time = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.Run));
            return new TrainingRun(
                "", folder.Name, TrainingState.Failed, 0, 0, 0, "", "", "", time, time, e.Message, new TrainingProcess(0, 0), null, null);
        }
    }
}
