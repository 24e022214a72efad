namespace Sightline.Curation.Export;

/// <summary>Puts together what the shards of an image folder left: <c>metadata.jsonl</c> in each split's folder, and <c>faults.jsonl</c>
/// where there were any.</summary>
internal sealed class ImageFolderEnd(ExportPlan plan, ExportFolder folder)
{
    internal const string Metadata = "metadata.jsonl";
    internal const string Faults = "faults.jsonl";

    internal IReadOnlyList<ExportFile> Write()
    {
        var files = new List<ExportFile>();
        foreach (var split in plan.Splits.Names)
        {
            files.Add(Join(Path.Combine(split, Metadata), plan.Shards.Where(s => s.SplitName == split), ImageFolderShard.MetadataEnding));
        }

        if (plan.Shards.Any(s => folder.ReceiptOf(s.Name)!.Failed > 0))
        {
            files.Add(Join(Faults, plan.Shards, ImageFolderShard.FaultsEnding));
        }

        return files;
    }

    private ExportFile Join(string path, IEnumerable<PlannedShard> shards, string ending)
    {
        using var file = AtomicFile.Create(folder.PathOf(path));
        foreach (var shard in shards)
        {
            using var lines = File.OpenRead(folder.WorkPathOf(shard.Name, ending));
            lines.CopyTo(file.Stream);
        }

        file.Commit();
        return folder.Describe(path);
    }
}
