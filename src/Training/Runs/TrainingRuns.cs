using System.Text.Json;
using Sightline.Curation;

namespace Sightline.Training.Runs;

/// <summary>Trainings as their folders tell them; safe to read while they run.</summary>
public static class TrainingRuns
{
    private const long LongestFile = 1 << 20;

    /// <summary>The trainings of a folder, by name: what has a <c>run.json</c> and is no link. None where the folder is not there.</summary>
    public static IReadOnlyList<RunFolder> List(string folder) => Directory.Exists(folder)
        ? [.. new DirectoryInfo(folder).EnumerateDirectories().Select(d => new RunFolder(d.FullName)).Where(IsRun)
            .OrderBy(r => r.Name, StringComparer.Ordinal)]
        : [];

    /// <summary>The training of that name.</summary>
    /// <returns>Null where there is none; a name never leads out of the folder.</returns>
    public static RunFolder? Find(string folder, string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
        {
            return null;
        }

        var run = new RunFolder(Path.Combine(folder, name));
        return IsRun(run) ? run : null;
    }

    /// <summary>What <c>run.json</c> says, but that a training whose process is gone is <see cref="TrainingState.Stopped"/>, with that as its
    /// error.</summary>
    /// <exception cref="InvalidDataException">The file cannot be understood; names it and says why.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static TrainingRun Read(RunFolder folder)
    {
        TrainingRun run;
        try
        {
            using var file = OpenShared(folder.Run);
            run = file.Length <= LongestFile
                ? JsonSerializer.Deserialize<TrainingRun>(file, TrainingJson.Indented) ?? throw new InvalidDataException($"{folder.Run} says nothing.")
                : throw new InvalidDataException($"{folder.Run} has {file.Length} bytes, which no training writes.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{folder.Run} cannot be understood: {e.Message}", e);
        }

        run = run with { Name = folder.Name }; // It may have been renamed.
        return run.State != TrainingState.Running || run.Process.IsAlive()
            ? run
            : run with
            {
                State = TrainingState.Stopped,
                Error = run.Error ?? "Its process is gone: it was killed, or the machine was started again.",
            };
    }

    internal static void Write(RunFolder folder, TrainingRun run) =>
        AtomicFile.WriteText(folder.Run, JsonSerializer.Serialize(run, TrainingJson.Indented) + "\n");

    /// <summary>Writes that a run has failed, and why.</summary>
    /// <exception cref="TrainingException">That cannot be written either; tells both causes.</exception>
    internal static void WriteFailed(RunFolder folder, TrainingRun run, Exception cause)
    {
        try
        {
            Write(folder, run with { State = TrainingState.Failed, Error = cause.Message });
        }
        catch (IOException e)
        {
            throw new TrainingException($"{cause.Message} Besides, {folder.Run} could not be written: {e.Message}", cause);
        }
    }

    /// <summary>The configuration as it was given.</summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="InvalidDataException">It is longer than a configuration can be.</exception>
    public static string? ReadConfig(RunFolder folder)
    {
        var file = new FileInfo(folder.Config);
        if (!IsOrdinary(file))
        {
            return null;
        }

        return file.Length <= LongestFile
            ? File.ReadAllText(file.FullName)
            : throw new InvalidDataException($"{file.FullName} has {file.Length} bytes, which is no configuration.");
    }

    /// <summary>Pictures that the training drew, by name.</summary>
    public static IReadOnlyList<FileInfo> ListSamples(RunFolder folder)
    {
        var samples = new DirectoryInfo(folder.Samples);
        return samples.Exists && samples.LinkTarget is null
            ? [.. samples.EnumerateFiles("*.png").Where(IsOrdinary).OrderBy(f => f.Name, StringComparer.Ordinal)]
            : [];
    }

    /// <summary>While its writer goes on; a rename over it takes nothing away from who reads.</summary>
    internal static FileStream OpenShared(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    // A link could lead anywhere, and what is served here is served to others.
    internal static bool IsOrdinary(FileSystemInfo file) => file.Exists && file.LinkTarget is null;

    private static bool IsRun(RunFolder folder) =>
        IsOrdinary(new DirectoryInfo(folder.Path)) && IsOrdinary(new FileInfo(folder.Run));
}
