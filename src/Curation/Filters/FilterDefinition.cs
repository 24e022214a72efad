namespace Sightline.Curation;

/// <summary>A filter as recipes name it and the page shows it, and how to make one.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Title">For people, in sentence case.</param>
/// <param name="Summary">One sentence: what passes.</param>
/// <param name="Parameters">Its settings.</param>
/// <param name="Create">Makes it; throws <see cref="RecipeException"/> where the settings contradict each other.</param>
public sealed record FilterDefinition(
    string Name, string Title, string Summary, IReadOnlyList<FilterParameter> Parameters, Func<FilterArguments, CurationFilter> Create);
