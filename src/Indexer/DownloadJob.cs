using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Indexer.Download;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="DownloadRequest.Kind"/>.</summary>
internal sealed class DownloadJob(DatasetDownload download, TimeProvider time) : IJob
{
    private readonly WorkCounters _counters = new(time, DownloadOutcome.Success, "no_url", "has_image");

    public JobProgress Progress() => _counters.Progress("downloading");

    public string Summary()
    {
        var seconds = _counters.Elapsed.TotalSeconds;
        var outcomes = string.Join(", ", _counters.Outcomes.Where(o => o.Value > 0).Select(o => $"{o.Value} {o.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture, $"{_counters.Worked} pairs in {seconds:F1} s ({_counters.Worked / Math.Max(seconds, 1e-3):F1}/s): {outcomes}");
    }

    public Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.Deserialize<DownloadRequest>(job.Arguments, JsonSerializerOptions.Web)!;
        return download.RunAsync(new PairDataset(request.Folder), request, _counters, cancellationToken);
    }
}
