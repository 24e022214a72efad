using System.Globalization;
using Sightline.Search;

namespace Sightline.Curation;

/// <summary>Where datasets and runs keep their files.</summary>
public sealed class CurationFolder(DataFolder data)
{
    private string Root => Path.Combine(data.Root, "curation");

    /// <summary>Where exports go that name no folder.</summary>
    public string Exports => Path.Combine(Root, "exports");

    public PairDataset Dataset(DatasetId id) => new(PathOf("datasets", id.Value));

    public string Run(RunId id) => PathOf("runs", id.Value);

    /// <summary>Deletes what no row speaks of any more; to be called after the rows are gone, by the one process that writes here.</summary>
    public void Sweep(IReadOnlySet<DatasetId> datasets, IReadOnlySet<RunId> runs)
    {
        Sweep("datasets", id => datasets.Contains(new DatasetId(id)));
        Sweep("runs", id => runs.Contains(new RunId(id)));
    }

    private void Sweep(string kind, Func<long, bool> isKnown)
    {
        var folder = Path.Combine(Root, kind);
        foreach (var path in Directory.Exists(folder) ? Directory.GetDirectories(folder) : [])
        {
            if (long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && !isKnown(id))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private string PathOf(string kind, long id) => Path.Combine(Root, kind, id.ToString(CultureInfo.InvariantCulture));
}
