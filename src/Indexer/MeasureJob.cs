using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Indexer.Measure;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="MeasureRequest.Kind"/>.</summary>
internal sealed class MeasureJob(DatasetMeasurer measurer, Tagger tagger, TimeProvider time) : IJob
{
    private readonly WorkCounters _counters = new(time, "measured", "unchanged", "no_image");

    public JobProgress Progress() => _counters.Progress("measuring");

    public string Summary()
    {
        var seconds = _counters.Elapsed.TotalSeconds;
        var outcomes = string.Join(", ", _counters.Outcomes.Where(o => o.Value > 0).Select(o => $"{o.Value} {o.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture, $"{_counters.Worked} pairs in {seconds:F1} s ({_counters.Worked / Math.Max(seconds, 1e-3):F1}/s): {outcomes}");
    }

    /// <exception cref="IOException">There is no dataset, or it cannot be read or written.</exception>
    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.Deserialize<MeasureRequest>(job.Arguments, JsonSerializerOptions.Web)!;
        var dataset = new PairDataset(request.Folder);
        if (dataset.CountParts() == 0)
        {
            throw new DirectoryNotFoundException($"{request.Folder} holds no dataset.");
        }

        var text = request.Clip ? await TextLikeness.PrepareAsync(tagger, cancellationToken) : null;
        await measurer.RunAsync(dataset, text, _counters, cancellationToken);
    }
}
