using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Sightline.Search;
using Sightline.Training.Runs;

namespace Sightline.Web.Api;

/// <summary>Pictures that show what a model could do at some step of its training.</summary>
internal static partial class TrainingSamplesApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/training/{name}/samples", List).WithSummary("The pictures that a training drew, in order of their steps.");
        app.MapGet("/api/training/{name}/samples/{file}", File).WithSummary("One of these, as PNG.");
    }

    internal static List<SampleDto> Read(RunFolder folder) => [.. TrainingRuns.ListSamples(folder).Select(FromFile).OrderBy(s => s.Step)];

    private static Results<Ok<List<SampleDto>>, ProblemHttpResult> List(string name, SearchOptions options) =>
        TrainingRuns.Find(options.Data.Training, name) is { } folder ? TypedResults.Ok(Read(folder)) : TrainingApi.NoSuchTraining(name);

    // Only what the list names is served.
    private static Results<PhysicalFileHttpResult, ProblemHttpResult> File(string name, string file, HttpContext http, SearchOptions options)
    {
        if (TrainingRuns.Find(options.Data.Training, name) is not { } folder)
        {
            return TrainingApi.NoSuchTraining(name);
        }

        if (TrainingRuns.ListSamples(folder).FirstOrDefault(f => f.Name == file) is not { } sample)
        {
            return TypedResults.Problem($"{name} has no sample {file}.", statusCode: StatusCodes.Status404NotFound);
        }

        http.Response.Headers.CacheControl = "private, no-cache";
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{sample.Length:x}-{sample.LastWriteTimeUtc.Ticks:x}\"");
        return TypedResults.PhysicalFile(sample.FullName, "image/png", lastModified: sample.LastWriteTimeUtc, entityTag: new EntityTagHeaderValue(tag));
    }

    private static SampleDto FromFile(FileInfo file)
    {
        var match = StepName().Match(file.Name);
        return match.Success && long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? new SampleDto(file.Name, step, match.Groups[2].Value, file.Length)
            : new SampleDto(file.Name, null, Path.GetFileNameWithoutExtension(file.Name), file.Length);
    }

    [GeneratedRegex(@"^step-(\d+)[-_. ]*(.*)\.png$")]
    private static partial Regex StepName();
}
