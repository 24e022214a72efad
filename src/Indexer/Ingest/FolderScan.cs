using Sightline.Indexer.Walk;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>Compares a folder with the catalogue: what is new or changed is to be read, what is unchanged is passed over, what is gone is
/// marked missing.</summary>
internal sealed class FolderScan(Catalog catalog, TimeProvider time)
{
    /// <param name="ownFolder">Passed over: what the program itself writes.</param>
    /// <param name="read">Takes each file that is to be read.</param>
    /// <exception cref="IOException">The root cannot be read: nothing is marked missing, since a disk may only be unplugged.</exception>
    internal async Task RunAsync(
        RootFolder root, EmbeddingSpace space, string? ownFolder, IngestCounters counters, Func<IngestFile, ValueTask> read,
        CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, KnownFile>();
        await foreach (var file in catalog.ReadKnownFilesAsync(root.Id, space, cancellationToken))
        {
            known.Add(file.Path, file);
        }

        var unreadable = new List<FileFault>();
        using var walk = new FolderWalk(root.Path, new ExclusionPatterns(root.Exclude), ownFolder).Run().GetEnumerator();
        while (counters.Time(IngestStage.Scan, walk.MoveNext))
        {
            var file = walk.Current;
            counters.Found();
            known.Remove(file.Path, out var before);
            if (file.Reason is not null)
            {
                unreadable.Add(Fault(root, file, file.Reason, file.Detail!, time));
            }
            else if (before is not null && IsUnchanged(file, before))
            {
                counters.Count(before.Reason ?? "unchanged");
            }
            else
            {
                await read(new IngestFile(file.Path, file.Bytes, file.ModifiedAt, before is not null));
            }
        }

        foreach (var faults in unreadable.Chunk(1000))
        {
            await catalog.RecordFaultsAsync(faults, cancellationToken);
            Array.ForEach(faults, f => counters.Count(f.Reason));
        }

        counters.ScanEnded();

        // What lies in a folder that could not be read is not gone.
        var gone = known.Values.Where(k => !k.Missing
            && !unreadable.Exists(u => k.Path.StartsWith(u.Path + "/", StringComparison.Ordinal))).Select(k => k.Path).ToList();
        foreach (var paths in gone.Chunk(1000))
        {
            await catalog.MarkMissingAsync(root.Id, paths, cancellationToken);
            counters.Count("missing", paths.Length);
        }
    }

    internal static FileFault Fault(RootFolder root, WalkedFile file, string reason, string detail, TimeProvider time) =>
        new(root.Id, file.Path, file.Bytes, file.ModifiedAt, reason, detail, time.GetUtcNow());

    private static bool IsUnchanged(WalkedFile file, KnownFile before) =>
        file.Bytes == before.Bytes && file.ModifiedAt == before.ModifiedAt
        && (before.Reason is null ? before.Embedded && !before.Missing : !IsPassing(before.Reason));

    // Permissions and disks are mended without a change to the file.
    private static bool IsPassing(string reason) => reason is "unreadable" or "vanished";
}
