using System.Globalization;
using System.Text.Json;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="TagRequest.Kind"/>.</summary>
internal sealed class TagJob(Tagger tagger, TimeProvider time) : IJob
{
    private readonly TagProgress _progress = new();
    private readonly long _started = time.GetTimestamp();

    public JobProgress Progress()
    {
        var seconds = time.GetElapsedTime(_started).TotalSeconds;
        var rate = seconds > 0 ? _progress.Done / seconds : 0;
        return new JobProgress(
            _progress.Total is null ? "reading the labels" : "tagging", _progress.Done, _progress.Total, 0, rate,
            _progress.Total is { } total && rate > 0 ? (total - _progress.Done) / rate : null,
            new Dictionary<string, long> { ["suggested"] = _progress.Suggested, ["withdrawn"] = _progress.Withdrawn });
    }

    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_progress.Done} images in {time.GetElapsedTime(_started).TotalSeconds:F1} s: {_progress.Suggested} tags suggested, {_progress.Withdrawn} withdrawn");

    public Task RunAsync(Job job, CancellationToken cancellationToken) => tagger.TagCollectionAsync(
        JsonSerializer.Deserialize<TagRequest>(job.Arguments, JsonSerializerOptions.Web)!, job.Id, _progress, cancellationToken);
}
