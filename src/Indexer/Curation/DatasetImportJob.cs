using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Import;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="CurationJobs.Import"/>, and queues the look at the images.</summary>
internal sealed class DatasetImportJob(
    CurationStore store, CurationFolder folder, DatasetImporter importer, DatasetSources sources, JobQueue jobs, TimeProvider time) : IJob
{
    private readonly ImportProgress _progress = new();
    private readonly RecentRate _rate = new(time);
    private readonly long _started = time.GetTimestamp();
    private volatile bool _isOpen;

    public JobProgress Progress()
    {
        if (!_isOpen)
        {
            return JobProgress.None with { Stage = "opening the source", Unit = "pairs" };
        }

        var (read, now, faults) = (_progress.Read, _progress.ReadNow, _progress.Faults);
        var rate = _rate.Of(now);

        // While the source is read up to where an earlier run ended, what it has read says nothing of the whole.
        var isBack = now > 0 || read == 0;
        var total = isBack && _progress.Share is > 0.001 and { } share ? (long)(read / share) : (long?)null;
        return new JobProgress(
            isBack ? "reading pairs" : "going to where it ended", read, total, faults.Values.Sum(), rate, total is { } all && rate > 0 ? Math.Max(0, all - read) / rate : null, faults, "pairs");
    }

    public string Summary()
    {
        var faults = _progress.Faults.Values.Sum();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_progress.Stored:N0} pairs in {time.GetElapsedTime(_started).TotalSeconds:F1} s{(_progress.ReadNow < _progress.Read ? " since it went on" : "")}{(faults > 0 ? $", {faults:N0} left out" : "")}");
    }

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var id = JsonSerializer.Deserialize<CurationJob>(job.Arguments, JsonSerializerOptions.Web)!.Id;
        if (await store.FindDatasetAsync(id.ToString(CultureInfo.InvariantCulture), cancellationToken) is not { } dataset)
        {
            // It was deleted while the job waited.
            return;
        }

        var pairs = folder.Dataset(dataset.Id);
        var request = DatasetSource.Parse(dataset.Source);

        // Sources block their thread while they read.
        var result = await Task.Factory.StartNew(
            () =>
            {
                var source = sources.Open(request);
                _isOpen = true;
                return importer.Run(source, pairs, _progress, cancellationToken);
            },
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (result.Pairs == 0)
        {
            throw new PairSourceException($"There are no pairs in {request}{Why(result)}");
        }

        await store.FinishImportAsync(dataset.Id, result, cancellationToken);
        var statistics = DatasetCounter.Count(pairs, cancellationToken);
        await store.SaveStatisticsAsync(dataset.Id, statistics, cancellationToken);
        if (request.Measure != MeasureLevel.None && statistics.Images > 0)
        {
            var measuring = new MeasureRequest(id, pairs.Folder, request.Measure == MeasureLevel.Clip);
            await store.SetDatasetJobAsync(dataset.Id, await jobs.EnqueueAsync(MeasureRequest.Kind, measuring, cancellationToken), cancellationToken);
        }
    }

    private static string Why(ImportResult result) => result.Examples is [var first, ..]
        ? $": {result.Faults.Values.Sum()} items were left out, the first because: {first.Detail}"
        : ".";
}
