using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;
using Sightline.Training.Runs;

namespace Sightline.Web.Api;

/// <summary>Trainings, each a process of its own that writes a folder; here they are watched, and asked to stop.</summary>
internal static class TrainingApi
{
    private const int MostPoints = 10_000;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/training", List).WithSummary("Trainings, those at work first.");
        app.MapGet("/api/training/{name}", Get).WithSummary("One training with its configuration.");
        app.MapGet("/api/training/{name}/metrics", Metrics).WithSummary("The curves of a training, all or what came since.");
        app.MapPost("/api/training/{name}/stop", Stop).WithSummary("Ask a training to stop, as Ctrl-C does: it writes a checkpoint first.");
    }

    internal static TrainingsResponse Read(string folder, CancellationToken cancellationToken)
    {
        var (runs, damaged) = (new List<TrainingDto>(), new List<DamagedTrainingDto>());
        foreach (var run in TrainingRuns.List(folder))
        {
            try
            {
                runs.Add(TrainingDto.Read(run, cancellationToken));
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // One that is damaged, unreadable or just deleted takes none of the others away.
                damaged.Add(new DamagedTrainingDto(run.Name, e.Message));
            }
        }

        return new TrainingsResponse([.. runs.OrderByDescending(r => r.State == TrainingState.Running).ThenByDescending(r => r.Updated)], damaged);
    }

    private static Ok<TrainingsResponse> List(SearchOptions options, CancellationToken cancellationToken) =>
        TypedResults.Ok(Read(options.Data.Training, cancellationToken));

    private static Results<Ok<TrainingResponse>, ProblemHttpResult> Get(string name, SearchOptions options, CancellationToken cancellationToken) =>
        TrainingRuns.Find(options.Data.Training, name) is { } folder
            ? TypedResults.Ok(new TrainingResponse(TrainingDto.Read(folder, cancellationToken), TrainingRuns.ReadConfig(folder)))
            : NoSuchTraining(name);

    /// <param name="from">Byte offset as the answer before gave it; 0 where absent.</param>
    /// <param name="points">Most of a curve, 2 to 10,000; a curve that has more is thinned to means with the least and greatest.</param>
    private static Results<Ok<MetricsResponse>, ProblemHttpResult> Metrics(
        string name, long? from, int? points, SearchOptions options, CancellationToken cancellationToken)
    {
        if (points is < 2 or > MostPoints)
        {
            return TypedResults.Problem($"points is a number from 2 to {MostPoints}, not {points}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return TrainingRuns.Find(options.Data.Training, name) is { } folder
            ? TypedResults.Ok(MetricsResponse.Read(folder, from ?? 0, points, cancellationToken))
            : NoSuchTraining(name);
    }

    private static Results<Accepted, ProblemHttpResult> Stop(string name, SearchOptions options)
    {
        if (TrainingRuns.Find(options.Data.Training, name) is not { } folder)
        {
            return NoSuchTraining(name);
        }

        var run = TrainingRuns.Read(folder);
        return (run.State == TrainingState.Running ? run.Process.AskToStop() : StopOutcome.Gone) switch
        {
            StopOutcome.Asked => TypedResults.Accepted($"/api/training/{Uri.EscapeDataString(name)}"),
            StopOutcome.Gone => TypedResults.Problem($"{name} does not run.", statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.Problem(
                $"{name} runs as another user of the machine, who can stop it: kill -INT {run.Process.Id}", statusCode: StatusCodes.Status403Forbidden),
        };
    }

    internal static ProblemHttpResult NoSuchTraining(string name) =>
        TypedResults.Problem($"There is no training {name}.", statusCode: StatusCodes.Status404NotFound);
}
