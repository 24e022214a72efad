using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>
/// Exports what a run keeps of a dataset. The same dataset, verdicts, recipe and request make the same files, byte for byte. Shards come to
/// their places whole: an export that was killed goes on where it stopped when it is run again.
/// </summary>
public sealed class DatasetExporter(ExportSource source)
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Runs the export to its end; one that is complete already is left as it is. Memory does not grow with the pairs.</summary>
    /// <param name="progress">Is called now and then, by several threads while planning.</param>
    /// <returns>The manifest, as it is in the folder. Images that could not be read are counted and listed there.</returns>
    /// <exception cref="ExportException">The request, the recipe or the folder will not do, the run's verdicts are not those of the
    /// dataset, or the disk is full; says which, and what to do.</exception>
    /// <exception cref="IOException">A file of the dataset or the run is gone, or the folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of the dataset or the run is damaged.</exception>
    public async Task<ExportManifest> RunAsync(ExportRequest request, Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        request.Check();
        var recipe = ParseRecipe();
        var plan = await new ExportPlanner(source, request).PlanAsync(progress, cancellationToken);
        try
        {
            using var folder = ExportFolder.Open(request.Folder, plan.Identity);
            if (folder.Manifest is null)
            {
                using (var run = new ExportRun(source, request, plan, folder, progress))
                {
                    await run.WriteAsync(cancellationToken);
                }

                var files = request.Format == ExportFormat.ImageFolder ? new ImageFolderEnd(plan, folder).Write() : [];
                folder.Seal(Describe(request, plan, folder, recipe, files));
            }

            return folder.Manifest!;
        }
        catch (IOException e) when (e.HResult is NoSpace or QuotaExceeded)
        {
            throw new ExportException(
                $"There is no space left in {request.Folder}: {e.Message}. Make room and export again: it goes on where it stopped.", e);
        }
    }

    private JsonElement ParseRecipe()
    {
        try
        {
            return JsonElement.Parse(source.Recipe);
        }
        catch (JsonException e)
        {
            throw new ExportException($"The recipe is no JSON: {e.Message}", e);
        }
    }

    private ExportManifest Describe(
        ExportRequest request, ExportPlan plan, ExportFolder folder, JsonElement recipe, IReadOnlyList<ExportFile> files)
    {
        var shards = plan.Shards.Select(s => folder.ReceiptOf(s.Name)!).ToList();
        var faults = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count) in shards.SelectMany(s => s.FaultCounts))
        {
            faults[reason] = faults.GetValueOrDefault(reason) + count;
        }

        var images = new SharedFolder();
        shards.ForEach(s => images.AddFolder(s.ImageFolder));
        var splits = new Dictionary<string, SplitCounts>();
        for (var i = 0; i < plan.Splits.Names.Count; i++)
        {
            var (name, pairs) = (plan.Splits.Names[i], plan.Parts.Sum(p => (long)p.Exported[i]));
            var own = shards.Where(s => s.Split == name).ToList();
            splits[name] = request.Format == ExportFormat.Verdicts
                ? new SplitCounts(pairs, pairs, 0, 1)
                : new SplitCounts(pairs, own.Sum(s => s.Exported), own.Sum(s => s.Failed), own.Count);
        }

        return new ExportManifest
        {
            Tool = plan.Identity.Tool,
            Dataset = source.Name,
            Recipe = recipe,
            Request = ManifestFile.Placeless(request),
            Plan = plan.Identity,
            Counts = plan.Counts with
            {
                Exported = shards.Sum(s => s.Exported),
                Failed = shards.Sum(s => s.Failed),
                Faults = faults,
                Repeated = shards.Sum(s => s.Repeated),
            },
            ImageFolder = images.Path,
            Splits = splits,
            Rows = plan.Rows,
            Shards = shards,
            Files = files,
        };
    }
}
