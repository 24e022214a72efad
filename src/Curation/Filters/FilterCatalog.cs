namespace Sightline.Curation;

/// <summary>All filters there are, in the order in which the page shows them.</summary>
public static class FilterCatalog
{
    public static IReadOnlyList<FilterDefinition> All { get; } =
    [
        CaptionLengthFilter.Definition,
        CaptionShapeFilter.Definition,
        RepetitionFilter.Definition,
        LanguageFilter.Definition,
        BoilerplateFilter.Definition,
        MarksFilter.Definition,
        WordListFilter.Definition,
        CaptionTokensFilter.Definition,
        BlocklistFilter.Definition,
        ImageSizeFilter.Definition,
        SimilarityFilter.Definition,
        ImageQualityFilter.Definition,
        TextInImageFilter.Definition,
        UnreadableImagesFilter.Definition,
        ExactDuplicateCaptions.Definition,
        NearDuplicateCaptions.Definition,
        ExactDuplicateImages.Definition,
        NearDuplicateImages.Definition,
        LeakageFilter.Definition,
        BalanceFilter.Definition,
        SimilarityTop.Definition,
        TopSubset.Definition,
        RandomSubset.Definition,
        DiverseSubset.Definition,
    ];

    public static FilterDefinition? Find(string name) => All.FirstOrDefault(d => d.Name == name);
}
