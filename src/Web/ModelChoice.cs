using Sightline.Models;
using Sightline.Search;

namespace Sightline.Web;

/// <summary>The models that the server can serve, and the choice among them. Thread-safe.</summary>
/// <param name="models">Those on this machine.</param>
/// <param name="data">Where the choice is kept.</param>
/// <param name="since">When this server started.</param>
/// <param name="isFixed">The server cannot start again with another: it was started for one model, or for one command.</param>
public sealed class ModelChoice(ModelCatalog models, DataFolder data, DateTimeOffset since, bool isFixed)
{
    private readonly TaskCompletionSource _chosen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DateTimeOffset Since => since;

    public bool IsFixed => isFixed;

    /// <summary>Ends when another model was chosen: the server is to start again.</summary>
    public Task Chosen => _chosen.Task;

    public IReadOnlyList<InstalledModel> List() => models.List();

    /// <summary>Keeps the choice and asks the server to start again with it.</summary>
    /// <exception cref="ArgumentException">There is no such model, or no choice.</exception>
    public void Choose(string name)
    {
        if (isFixed)
        {
            throw new ArgumentException("This server was started for one model; start it without --model to choose here.");
        }

        if (models.List().All(m => m.Name != name))
        {
            throw new ArgumentException($"There is no model {name}; sightline models list names them.");
        }

        (Settings.Read(data) with { Model = name }).Save(data);
        _chosen.TrySetResult();
    }
}
