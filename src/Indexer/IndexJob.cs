using System.Text.Json;
using Sightline.Indexer.Ingest;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="IndexRequest.Kind"/>.</summary>
internal sealed class IndexJob(Catalog catalog, FolderIngest ingest, SearchOptions options, TimeProvider time) : IJob
{
    private readonly IngestCounters _counters = new(time, IngestPipeline.Decoders);

    public JobProgress Progress() => _counters.Progress();

    public string Summary() => _counters.Summary();

    /// <exception cref="IOException">The folder is not there or cannot be read.</exception>
    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.Deserialize<IndexRequest>(job.Arguments, JsonSerializerOptions.Web)!;
        var path = RealPath(request.Folder);
        var exclude = request.Exclude ?? (await catalog.ReadRootsAsync(cancellationToken)).FirstOrDefault(r =>
            r.Path == path)?.Exclude ?? [];
        var root = await catalog.AddRootAsync(path, exclude, cancellationToken);
        await ingest.RunAsync(job.Id, options.Worker, root, options.Data.Root, _counters, cancellationToken);
    }

    private static string RealPath(string folder)
    {
        var info = new DirectoryInfo(Path.TrimEndingDirectorySeparator(folder));
        if (!info.Exists)
        {
            throw new DirectoryNotFoundException(
                $"{folder} is not there. If it lies on a disk that is not plugged in, nothing is lost: its pictures stay in the catalogue.");
        }

        // Links above the folder too: roots are compared by their real paths.
        for (var part = info; part is not null; part = part.Parent)
        {
            if (part.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                return RealPath(Path.Combine(target.FullName, Path.GetRelativePath(part.FullName, info.FullName)));
            }
        }

        return info.FullName;
    }
}
