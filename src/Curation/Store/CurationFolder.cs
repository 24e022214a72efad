using System.Globalization;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Curation;

/// <summary>Where datasets and runs keep their files.</summary>
public sealed class CurationFolder(DataFolder data, ModelCatalog models)
{
    private string Root => Path.Combine(data.Root, "curation");

    public PairDataset Dataset(DatasetId id) => new(PathOf("datasets", id.Value));

    /// <summary>Where a dataset's images are fetched to, where no folder is named; the download says so.</summary>
    public string Downloads(DatasetId id) => PathOf("downloads", id.Value);

    /// <summary>An export's own folder, for those that name none.</summary>
    public string Export(ExportId id) => PathOf("exports", id.Value);

    public string Run(RunId id) => PathOf("runs", id.Value);

    /// <summary>Where lists of words, hosts and keys are that recipes from the page may name.</summary>
    public string Lists => Path.Combine(Root, "lists");

    /// <param name="folder">That relative paths in a recipe start from; null: a recipe from the page, which reads from <see cref="Lists"/>
    /// only.</param>
    /// <param name="datasets">By name.</param>
    public RecipeContext Context(string? folder, IReadOnlyDictionary<string, DatasetId> datasets) => new(
        folder ?? Lists, folder is null, name => datasets.TryGetValue(name, out var id) ? Dataset(id)
            : throw new RecipeException($"There is no dataset {name}; there are {string.Join(", ", datasets.Keys)}."))
    {
        Models = name => models.List().FirstOrDefault(m => m.Folder == Resolve(name))?.Folder
            ?? throw new RecipeException($"There is no model {name}; there are {string.Join(", ", models.List().Select(m => m.Name))}."),
    };

    /// <summary>Deletes what no row speaks of any more; to be called after the rows are gone, by the one process that writes here.</summary>
    public void Sweep(IReadOnlySet<DatasetId> datasets, IReadOnlySet<RunId> runs, IReadOnlySet<ExportId> exports)
    {
        Sweep("datasets", id => datasets.Contains(new DatasetId(id)));
        Sweep("runs", id => runs.Contains(new RunId(id)));
        Sweep("exports", id => exports.Contains(new ExportId(id)));
        Sweep("downloads", id => datasets.Contains(new DatasetId(id)));
    }

    private string? Resolve(string model)
    {
        try
        {
            return models.Resolve(model);
        }
        catch (ModelNotFoundException)
        {
            // Said with the models there are, by the caller.
            return null;
        }
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
