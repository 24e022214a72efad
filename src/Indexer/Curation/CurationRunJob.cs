using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="CurationJobs.Run"/>.</summary>
internal sealed class CurationRunJob(CurationStore store, CurationFolder folder, TimeProvider time) : IJob
{
    private readonly RunProgress _progress = new();
    private readonly RecentRate _rate = new(time);
    private readonly long _started = time.GetTimestamp();

    public JobProgress Progress()
    {
        var (rate, done, total) = (_rate.Of(_progress.Judged), _progress.Done, _progress.Total);

        // How long filters of groups and counting take, nobody knows.
        return new JobProgress(
            _progress.Stage, done, total, 0, rate, rate > 0 && done < total ? (total - done) / rate : null, new Dictionary<string, long>(), "pairs");
    }

    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_progress.Kept:N0} of {_progress.Total:N0} pairs kept, in {time.GetElapsedTime(_started).TotalSeconds:F1} s{(_progress.Judged < _progress.Done ? " since it went on" : "")}");

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var id = new RunId(JsonSerializer.Deserialize<CurationJob>(job.Arguments, JsonSerializerOptions.Web)!.Id);
        if (await store.FindRunAsync(id, cancellationToken) is not { } run)
        {
            // It was deleted while the job waited.
            return;
        }

        var datasets = (await store.ReadDatasetsAsync(cancellationToken)).ToDictionary(d => d.Name, d => d.Id);
        var work = new CurationRun(
            folder.Dataset(run.Dataset), RecipeReader.Read(run.ResolvedRecipe), folder.Context(run.Folder, datasets), folder.Run(id));
        var report = await Task.Factory.StartNew(
            () => work.Run(_progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await store.FinishRunAsync(id, report, cancellationToken);
    }
}
