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

    /// <summary>For filters of single pairs, which may be told to keep what is not known.</summary>
    /// <param name="field">See <see cref="PairFilter.Needs"/>.</param>
    internal static RecipeException Field(string filter, PairField field)
    {
        var (what, measure) = field switch
        {
            PairField.Area => ("the size of no image of this dataset is known", "curate measure NAME"),
            PairField.TextLikeness => ("no image of this dataset was judged by a model", "curate measure NAME --clip"),
            PairField.Similarity => ("no pair of this dataset has a similarity", "curate measure NAME --clip"),
            _ => ("no image of this dataset was measured", "curate measure NAME"),
        };
        return new($"{filter}: {what}. Measure it first: sightline {measure}. With keep_unknown: true such pairs pass.");
    }
}
