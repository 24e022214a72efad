using System.Globalization;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Export;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="CurationJobs.Export"/>.</summary>
internal sealed class ExportJob(CurationStore store, CurationFolder folder, TimeProvider time) : IJob
{
    private readonly Lock _gate = new();
    private ExportProgress _progress = new(true, 0, 0, 0);
    private ExportManifest? _manifest;
    private string _folder = "";
    private bool _isVerdicts;
    private RecentRate _rate = new(time);

    public JobProgress Progress()
    {
        lock (_gate)
        {
            var rate = _rate.Of(_progress.Pairs - _progress.Passed);
            return new JobProgress(
                _progress.IsPlanning ? "planning" : "writing", _progress.Pairs, _progress.OfPairs, _manifest?.Counts.Failed ?? 0, rate,
                rate > 0 ? Math.Max(0, _progress.OfPairs - _progress.Pairs) / rate : null, _manifest?.Counts.Faults ?? new Dictionary<string, long>(),
                "pairs");
        }
    }

    public string Summary() => _manifest?.Counts is { } counts
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{(_isVerdicts ? $"Verdicts on {counts.Pairs:N0} pairs, {counts.Exported:N0} of them kept," : $"{counts.Exported:N0} pairs")} in {_folder}{(counts.Failed > 0 ? $", {counts.Failed:N0} without their image left out" : "")}")
        : "Not exported.";

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var id = new ExportId(JsonSerializer.Deserialize<CurationJob>(job.Arguments, JsonSerializerOptions.Web)!.Id);
        if (await store.FindExportAsync(id, cancellationToken) is not { } export
            || await store.FindRunAsync(export.Run, cancellationToken) is not { Report: { } report } run
            || await store.FindDatasetAsync(run.Dataset.ToString(), cancellationToken) is not { } dataset)
        {
            // Forgotten while the job waited.
            return;
        }

        var request = JsonSerializer.Deserialize<ExportRequest>(export.Request, JsonSerializerOptions.Web)!;
        (_folder, _isVerdicts) = (request.Folder, request.Format == ExportFormat.Verdicts);
        var verdicts = new RunVerdicts(folder.Run(run.Id), await store.ReadExportDecisionsAsync(id, cancellationToken));
        var exporter = new DatasetExporter(
            new ExportSource(dataset.Name, folder.Dataset(dataset.Id), verdicts, report.Reasons, run.ResolvedRecipe));
        _manifest = await Task.Run(() => exporter.RunAsync(request, Show, cancellationToken), cancellationToken);
        await store.FinishExportAsync(id, JsonSerializer.Serialize(_manifest, JsonSerializerOptions.Web), cancellationToken);
    }

    private void Show(ExportProgress progress)
    {
        lock (_gate)
        {
            if (_progress.IsPlanning && !progress.IsPlanning)
            {
                _rate = new RecentRate(time);
            }

            _progress = progress;
        }
    }
}
