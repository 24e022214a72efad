using System.Text.Json;

namespace Sightline.Curation;

/// <summary>What a run does: filters with their settings, checked; the same recipe and dataset give the same verdicts.</summary>
public sealed class Recipe
{
    private readonly IReadOnlyList<(FilterDefinition Definition, IReadOnlyDictionary<string, JsonElement> Settings)> _filters;

    internal Recipe(
        IReadOnlyList<(FilterDefinition Definition, IReadOnlyDictionary<string, JsonElement> Settings)> filters, int seed) =>
        (_filters, Seed) = (filters, seed);

    /// <summary>Decides wherever chance does.</summary>
    public int Seed { get; }

    /// <summary>In the order of the recipe.</summary>
    public IReadOnlyList<FilterDefinition> Filters => [.. _filters.Select(f => f.Definition)];

    /// <summary>Every setting written out, defaults too, so that it says the same whatever later versions default to.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seed", Seed);
            writer.WriteStartArray("filters");
            foreach (var (definition, settings) in _filters)
            {
                writer.WriteStartObject();
                writer.WriteStartObject(definition.Name);
                foreach (var parameter in definition.Parameters)
                {
                    if (settings.TryGetValue(parameter.Name, out var value))
                    {
                        writer.WritePropertyName(parameter.Name);
                        value.WriteTo(writer);
                    }
                    else if (parameter.Default is not null)
                    {
                        // Left out, it would be the default again.
                        writer.WriteNull(parameter.Name);
                    }
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Makes the filters and forgets them.</summary>
    /// <inheritdoc cref="Create"/>
    public void Check(RecipeContext context) => Create(context);

    /// <summary>Makes the filters: those of single pairs cheapest first, then those of groups in the order of the recipe.</summary>
    /// <param name="context">What filters need beside their settings.</param>
    /// <exception cref="RecipeException">Settings contradict each other, or a file or dataset that they name is not there.</exception>
    internal RecipeFilters Create(RecipeContext context)
    {
        var filters = _filters.Select(f => f.Definition.Create(new FilterArguments(f.Definition.Name, f.Settings, context))).ToList();
        return new RecipeFilters([.. filters.OfType<PairFilter>().OrderBy(f => f.Cost)], [.. filters.OfType<GroupFilter>()]);
    }
}

/// <summary>What filters need beside their settings.</summary>
/// <param name="Folder">That relative paths start from.</param>
/// <param name="IsConfined">Files must lie in that folder.</param>
/// <param name="Datasets">Finds a dataset by its name; throws <see cref="RecipeException"/> where there is none.</param>
public sealed record RecipeContext(string Folder, bool IsConfined, Func<string, PairDataset> Datasets)
{
    /// <summary>Finds the folder of a model by its name or path; throws <see cref="RecipeException"/> where there is none.</summary>
    public Func<string, string> Models { get; init; } = name => throw new RecipeException($"There is no model {name}.");
}

/// <summary>The filters of a run, in the order in which they run.</summary>
internal sealed record RecipeFilters(IReadOnlyList<PairFilter> Pairs, IReadOnlyList<GroupFilter> Groups)
{
    internal IEnumerable<CurationFilter> All => [.. Pairs, .. Groups];
}
