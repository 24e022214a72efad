using System.Reflection;
using Sightline.Training.Runs;

namespace Sightline.Training;

/// <summary>Starts trainings.</summary>
public static class Trainings
{
    /// <summary>Names of the kinds of training, each with a line of help.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Kinds => [.. TrainingKinds.All.Select(k => (k.Name, k.Summary))];

    /// <summary>Trains to the end, or until it is asked to stop: then a checkpoint is written first. One process at a time works on a
    /// folder.</summary>
    /// <param name="progress">Is told on the training's own thread.</param>
    /// <returns>The run, finished or stopped.</returns>
    /// <exception cref="TrainingConfigException">The configuration cannot be; names the setting.</exception>
    /// <exception cref="TrainingException">The folder holds another run, none to resume, a damaged checkpoint, or the training cannot go on;
    /// says what to do.</exception>
    public static TrainingRun Run(
        TrainingRequest request, IProgress<TrainingProgress> progress, TimeProvider time, CancellationToken cancellationToken) =>
        Run(TrainingKinds.Find(request.Kind), request, progress, time, cancellationToken);

    /// <inheritdoc cref="Run(TrainingRequest, IProgress{TrainingProgress}, TimeProvider, CancellationToken)"/>
    internal static TrainingRun Run(
        TrainingKind kind, TrainingRequest request, IProgress<TrainingProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var config = TrainingConfig.Read(request.Config);
        if (config.Root.Choice("kind", kind.Name, [.. TrainingKinds.All.Select(k => k.Name), kind.Name]) != kind.Name)
        {
            throw config.Root.Wrong("kind", $"says that this is not for a training of {kind.Name}");
        }

        if (request.Resumes && !File.Exists(request.Folder.Run))
        {
            throw new TrainingException($"{request.Folder.Path} holds no training to go on with; leave --resume out to begin one.");
        }

        using var run = RunLock.Take(request.Folder);
        if (!request.Resumes && File.Exists(request.Folder.Run))
        {
            throw new TrainingException($"{request.Folder.Path} holds a training already: --resume goes on with it, --name begins another.");
        }

        var places = new TrainingPlaces(config.Folder, request.CacheFolder, request.Models);
        return kind.Run(new TrainingWork(kind.Name, config, run, request.Resumes, request.Compute, places, Commit(), time, progress), cancellationToken);
    }

    // Of the source that the program was built from: the compiler writes it behind the version.
    private static string Commit() =>
        typeof(Trainings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit]
            ? commit : "unknown";
}
