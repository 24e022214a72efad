using System.Text.Json.Serialization;
using Sightline.Training.Runs;
using Sightline.Web.Pages;

namespace Sightline.Web.Api;

/// <summary>A training as the API shows it.</summary>
/// <param name="Kind"><c>clip</c>, <c>dvae</c>, <c>prior</c> or <c>probe</c>.</param>
/// <param name="Summary">How it stands, in a sentence.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Steps">Updates of the whole training.</param>
/// <param name="StepsPerSecond">Lately, with validations and checkpoints between; null while too little is known.</param>
/// <param name="ImagesPerSecond">As the last line of its metrics says.</param>
/// <param name="SecondsLeft">Of a training that runs.</param>
/// <param name="Updated">When it last said how far it is.</param>
/// <param name="Error">Why it failed or is gone.</param>
/// <param name="BestStep">Updates done at the best validation; null before the first.</param>
/// <param name="BestScore">Of that validation: higher is better.</param>
public sealed record TrainingDto(
    string Name, string Kind, TrainingState State, string Summary, long Step, long Steps, double? StepsPerSecond, double? ImagesPerSecond, double? SecondsLeft,
    DateTimeOffset Started, DateTimeOffset Updated, string? Error, long? BestStep,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double? BestScore,
    string Device, long Seed, string DataDigest, string Commit)
{
    /// <exception cref="InvalidDataException">The folder cannot be understood.</exception>
    internal static TrainingDto Read(RunFolder folder, CancellationToken cancellationToken)
    {
        var run = TrainingRuns.Read(folder);
        var pace = TrainingPace.Of(MetricsReader.ReadTail(folder.Metrics, cancellationToken));
        var left = run.State == TrainingState.Running ? pace?.TimeFor(Math.Max(0, run.Steps - run.Step)) : null;

        // The folder's name is what leads here again, whatever the file says.
        return new TrainingDto(
            folder.Name, run.Kind, run.State, TrainingWords.Summary(run, pace, left), run.Step, run.Steps, pace?.StepsPerSecond, pace?.ImagesPerSecond, left?.TotalSeconds, run.Started,
            run.Updated, run.Error, run.BestStep, run.BestScore, run.Device, run.Seed, run.DataDigest, run.Commit);
    }
}

/// <summary>A folder that should hold a training and cannot be understood.</summary>
public sealed record DamagedTrainingDto(string Name, string Problem);

/// <param name="Runs">Those at work first, then the one that was last at work first.</param>
public sealed record TrainingsResponse(IReadOnlyList<TrainingDto> Runs, IReadOnlyList<DamagedTrainingDto> Damaged);

/// <param name="Config">The configuration as it was given; null where the folder has none.</param>
public sealed record TrainingResponse(TrainingDto Run, string? Config);

/// <summary>One figure over the steps. What is no finite number stands as "NaN", "Infinity" or "-Infinity".</summary>
/// <param name="Kind"><c>train</c> or <c>validation</c>.</param>
/// <param name="Values">At these steps; of a thinned curve, means since the step before.</param>
/// <param name="Lows">Of a thinned curve: the least value since the step before.</param>
/// <param name="Highs">Of a thinned curve: the greatest.</param>
/// <param name="NotFinite">The first hundred steps at which the figure was no finite number.</param>
public sealed record CurveDto(
    string Kind, string Name, IReadOnlyList<long> Steps,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] IReadOnlyList<double> Values,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] IReadOnlyList<double>? Lows,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] IReadOnlyList<double>? Highs,
    IReadOnlyList<long> NotFinite);

/// <param name="Curves">Steps rise. Where the first of a kind is not after what was asked for before, the training was resumed: its points
/// take the place of all from that step on.</param>
/// <param name="Next">To be given as <c>from</c> the next time.</param>
/// <param name="HasMore">There is more already.</param>
/// <param name="Faults">Lines of the file that are no record.</param>
/// <param name="FirstFault">Where the first of these is, and why.</param>
public sealed record MetricsResponse(IReadOnlyList<CurveDto> Curves, long Next, bool HasMore, int Faults, string? FirstFault)
{
    internal static MetricsResponse Read(RunFolder folder, long from, int? points, CancellationToken cancellationToken)
    {
        var stretch = MetricsReader.Read(folder.Metrics, from, cancellationToken);
        return new MetricsResponse(
            [.. MetricsCurve.From(stretch.Records, points).Select(c => new CurveDto(c.Kind, c.Name, c.Steps, c.Values, c.Lows, c.Highs, c.NotFinite))],
            stretch.Next, stretch.HasMore, stretch.Faults, stretch.FirstFault);
    }
}

/// <summary>A picture that a training drew.</summary>
/// <param name="File">To be asked for at samples/{file}.</param>
/// <param name="Step">Updates done; null where the file's name does not say.</param>
/// <param name="Subject">What the file's name says besides; may be empty.</param>
public sealed record SampleDto(string File, long? Step, string Subject, long Bytes);
