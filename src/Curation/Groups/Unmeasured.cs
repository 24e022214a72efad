namespace Sightline.Curation;

/// <summary>A filter needs what nobody has measured yet: says what to do.</summary>
internal static class Unmeasured
{
    internal static RecipeException Hashes(string filter) => new(
        $"{filter}: no image of this dataset has a perceptual hash. Measure it first: sightline curate measure NAME.");

    internal static RecipeException Embeddings(string filter) => new(
        $"{filter}: no image of this dataset has an embedding. Measure it first: sightline curate measure NAME --clip.");

    internal static RecipeException TwoModels(string filter) => new(
        $"{filter}: the images were embedded by two models. Measure the dataset again: sightline curate measure NAME --clip.");

    internal static RecipeException Similarity(string filter) => new(
        $"{filter}: no pair of this dataset has a similarity. Measure it first: sightline curate measure NAME --clip.");
}
