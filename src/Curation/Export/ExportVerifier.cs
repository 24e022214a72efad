using System.Security.Cryptography;
using Sightline.Models;

namespace Sightline.Curation.Export;

/// <summary>Reads an export back: that its files are those of the manifest, that each pair is there once, and that images are what their
/// digests say.</summary>
public static class ExportVerifier
{
    /// <exception cref="ExportException">The folder holds no complete export.</exception>
    public static async Task<ExportCheck> VerifyAsync(string folder, CancellationToken cancellationToken)
    {
        var manifest = ManifestFile.Read(folder)
            ?? throw new ExportException($"{folder} holds no export that is complete: there is no {ManifestFile.Name}.");
        var notes = new CheckNotes();
        var options = Cores.Options(cancellationToken);
        await Parallel.ForEachAsync(manifest.Shards.SelectMany(s => s.Files).Concat(manifest.Files), options, (file, _) =>
        {
            notes.Read(file.Path, () => CheckFile(folder, file, notes));
            return ValueTask.CompletedTask;
        });
        await Parallel.ForEachAsync(manifest.Shards, options, (shard, stop) =>
        {
            notes.Read(shard.Name, () => CheckShard(folder, manifest, shard, notes, stop));
            return ValueTask.CompletedTask;
        });
        if (manifest.Request.Format == ExportFormat.ImageFolder)
        {
            await ImageFolderCheck.RunAsync(folder, manifest, notes, options);
        }

        CheckStrangers(folder, manifest, notes);
        CheckCounts(manifest, notes);
        return notes.Finish(manifest.Request.Format == ExportFormat.Uids ? manifest.Counts.Exported : notes.Rows.Pairs);
    }

    private static void CheckFile(string folder, ExportFile file, CheckNotes notes)
    {
        using var stream = SequentialFile.Open(Path.Combine(folder, file.Path));
        var digest = Convert.ToHexStringLower(SHA256.HashData(stream));
        notes.Require(stream.Length == file.Bytes, $"{file.Path} has {stream.Length} bytes, the manifest says {file.Bytes}.");
        notes.Require(digest == file.Sha256, $"{file.Path} has the SHA-256 {digest}, the manifest says {file.Sha256}.");
        notes.AddBytes(stream.Length);
    }

    private static void CheckShard(
        string folder, ExportManifest manifest, ExportShard shard, CheckNotes notes, CancellationToken cancellationToken)
    {
        notes.Require(
            shard.Exported + shard.Failed + shard.Repeated == shard.Pairs,
            $"{shard.Name} was to have {shard.Pairs} pairs and has {shard.Exported}, {shard.Failed} failed.");
        var path = shard.Files.Count == 0 ? "" : Path.Combine(folder, shard.Files[0].Path);
        switch (manifest.Request.Format)
        {
            case ExportFormat.WebDataset:
                WebDatasetCheck.Run(folder, shard, notes, cancellationToken);
                break;
            case ExportFormat.JsonLines:
                CheckRows(shard, TableRows.OfJsonLines(path), notes, cancellationToken);
                break;
            case ExportFormat.Csv:
                CheckRows(shard, TableRows.OfCsv(path), notes, cancellationToken);
                break;
            case ExportFormat.Parquet:
                CheckRows(shard, TableRows.OfParquet(path, cancellationToken), notes, cancellationToken);
                break;
            case ExportFormat.Coco:
                CheckRows(shard, TableRows.OfCoco(path), notes, cancellationToken);
                break;
            case ExportFormat.Uids:
                var uids = TableRows.CountUids(path);
                notes.Require(uids == shard.Exported, $"{shard.Name} has {uids} uids, the manifest says {shard.Exported}.");
                break;
            case ExportFormat.Verdicts:
                CheckVerdicts(manifest, path, notes, cancellationToken);
                break;
        }
    }

    private static void CheckRows(ExportShard shard, IEnumerable<long> rows, CheckNotes notes, CancellationToken cancellationToken)
    {
        var sum = default(RowSum);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum.Add(row);
        }

        notes.Require(sum.Count == shard.Exported, $"{shard.Name} has {sum.Count} pairs, the manifest says {shard.Exported}.");
        notes.AddRows(sum);
    }

    private static void CheckVerdicts(ExportManifest manifest, string path, CheckNotes notes, CancellationToken cancellationToken)
    {
        var (rows, kept, reasons) = TableRows.CountVerdicts(path, cancellationToken);
        notes.AddRows(kept);
        notes.Require(rows == manifest.Counts.Pairs, $"There are {rows} verdicts, the dataset had {manifest.Counts.Pairs} pairs.");
        var wanted = manifest.Counts.Dropped.ToDictionary();
        if (manifest.Counts.Generated > 0)
        {
            wanted[VerdictTable.Generated] = wanted.GetValueOrDefault(VerdictTable.Generated) + manifest.Counts.Generated;
        }

        foreach (var reason in wanted.Keys.Union(reasons.Keys))
        {
            var (found, said) = (reasons.GetValueOrDefault(reason), wanted.GetValueOrDefault(reason));
            notes.Require(found == said, $"{found} pairs were dropped for {reason}, the manifest says {said}.");
        }
    }

    private static void CheckStrangers(string folder, ExportManifest manifest, CheckNotes notes)
    {
        var files = manifest.Shards.SelectMany(s => s.Files).Concat(manifest.Files).Select(f => f.Path);
        var own = files.Append(ManifestFile.Name).ToHashSet(StringComparer.Ordinal);
        var images = manifest.Request.Format == ExportFormat.ImageFolder
            ? manifest.Shards.Select(s => s.Name).ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path);
            notes.Require(own.Contains(name) || images.Contains(Path.GetDirectoryName(name)!), $"{name} is no file of this export.");
        }
    }

    private static void CheckCounts(ExportManifest manifest, CheckNotes notes)
    {
        var (counts, (pairs, rows)) = (manifest.Counts, notes.Rows);
        notes.Require(
            counts.Exported + counts.Failed + counts.Generated + counts.Repeated == counts.Kept,
            $"{counts.Kept} pairs were kept, and {counts.Exported} exported, {counts.Failed} failed, {counts.Generated} left out.");
        notes.Require(
            counts.Kept + counts.Dropped.Values.Sum() == counts.Pairs,
            $"{counts.Pairs} pairs are not {counts.Kept} kept and the dropped ones.");
        notes.Require(
            manifest.Shards.Sum(s => s.Exported) == counts.Exported,
            $"The shards together do not have the {counts.Exported} pairs exported.");
        if (manifest.Request.Format != ExportFormat.Uids)
        {
            notes.Require(
                rows == manifest.Rows, $"The {pairs} pairs read back are not the {counts.Exported + counts.Failed} kept ones, each once.");
        }
    }
}
