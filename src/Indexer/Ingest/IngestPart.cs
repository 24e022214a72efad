using System.Collections.Concurrent;
using System.Text.Json;
using Sightline.Indexer.Walk;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>A file to read, as it travels in a part of an index job.</summary>
/// <param name="Known">The catalogue has it from an earlier run.</param>
internal sealed record IngestFile(string Path, long Bytes, DateTimeOffset ModifiedAt, bool Known)
{
    internal WalkedFile Walked => new(Path, Bytes, ModifiedAt);
}

/// <summary>A file in the pipeline, with the folder and the part it belongs to.</summary>
internal sealed record IngestItem(RootFolder Root, IngestFile File, IngestPart Part);

/// <summary>A claimed part and what has become of its files so far. Thread-safe.</summary>
/// <param name="isElsewhere">Claimed by a worker that may not see all that the job's own process sees.</param>
internal sealed class IngestPart(JobPart part, bool isElsewhere)
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly ConcurrentBag<IngestFile> _unseen = [];
    private int _open;

    internal JobPart Part => part;

    internal IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>JSON of the files that this worker did not find; null: it found all.</summary>
    internal string? Rest => _unseen.IsEmpty ? null : Write([.. _unseen]);

    internal static string Write(IReadOnlyList<IngestFile> files) => JsonSerializer.Serialize(files);

    internal IReadOnlyList<IngestFile> Open()
    {
        var files = JsonSerializer.Deserialize<List<IngestFile>>(part.Work)!;
        _open = files.Count;
        return files;
    }

    /// <summary>A file that is not there for this worker may be there for the job's own process.</summary>
    internal bool Leaves(string reason) => isElsewhere && reason is "vanished" or "unreadable";

    /// <returns>It was the last file of the part.</returns>
    internal bool Settle(string outcome)
    {
        _counts.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        return Interlocked.Decrement(ref _open) == 0;
    }

    /// <inheritdoc cref="Settle"/>
    internal bool Leave(IngestFile file)
    {
        _unseen.Add(file);
        return Interlocked.Decrement(ref _open) == 0;
    }
}
