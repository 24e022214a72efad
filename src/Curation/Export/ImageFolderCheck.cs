using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>Reads an image folder back: each line's file has the digest that the line says, and no file is without a line.</summary>
internal static class ImageFolderCheck
{
    internal static async Task RunAsync(string folder, ExportManifest manifest, CheckNotes notes, ParallelOptions options)
    {
        foreach (var split in manifest.Splits.Keys)
        {
            await CheckSplitAsync(folder, split, manifest.Splits[split], notes, options);
        }

        if (manifest.Counts.Failed > 0)
        {
            notes.Read(ImageFolderEnd.Faults, () =>
            {
                var sum = default(RowSum);
                foreach (var row in TableRows.OfJsonLines(Path.Combine(folder, ImageFolderEnd.Faults)))
                {
                    sum.Add(row);
                }

                notes.Require(
                    sum.Count == manifest.Counts.Failed,
                    $"{ImageFolderEnd.Faults} has {sum.Count} faults, the manifest says {manifest.Counts.Failed}.");
                notes.AddRows(sum);
            });
        }

        foreach (var shard in manifest.Shards)
        {
            notes.Read(shard.Name, () =>
            {
                var files = Directory.EnumerateFiles(Path.Combine(folder, shard.Name)).LongCount();
                notes.Require(files == shard.Exported, $"{shard.Name} has {files} files, the manifest says {shard.Exported}.");
            });
        }
    }

    private static async Task CheckSplitAsync(string folder, string split, SplitCounts counts, CheckNotes notes, ParallelOptions options)
    {
        var metadata = Path.Combine(folder, split, ImageFolderEnd.Metadata);
        if (!File.Exists(metadata))
        {
            notes.Add($"{Path.Combine(split, ImageFolderEnd.Metadata)} is gone.");
            return;
        }

        var (gate, sum) = (new Lock(), default(RowSum));
        await Parallel.ForEachAsync(File.ReadLines(metadata), options, (line, _) =>
        {
            notes.Read(metadata, () =>
            {
                using var fields = JsonDocument.Parse(line);
                var name = Path.Combine(split, fields.RootElement.GetProperty("file_name").GetString()!);
                var sha256 = fields.RootElement.GetProperty("sha256").GetString();
                notes.Read(name, () => CheckImage(folder, name, sha256, notes));
                lock (gate)
                {
                    sum.Add(fields.RootElement.GetProperty("row").GetInt64());
                }
            });
            return ValueTask.CompletedTask;
        });

        notes.Require(sum.Count == counts.Exported, $"{split} has {sum.Count} images, the manifest says {counts.Exported}.");
        notes.AddRows(sum);
    }

    private static void CheckImage(string folder, string name, string? sha256, CheckNotes notes)
    {
        using var image = SequentialFile.Open(Path.Combine(folder, name));
        var (digest, ending) = WebDatasetCheck.Digest(image);
        notes.AddBytes(image.Length);
        notes.Require(digest == sha256, $"{name} has the SHA-256 {digest}, its line says {sha256}.");
        notes.Require(name.EndsWith("." + ending, StringComparison.Ordinal), $"{name} is of a format whose files end with {ending}.");
    }
}
