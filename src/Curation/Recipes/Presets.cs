namespace Sightline.Curation;

/// <summary>A published recipe.</summary>
/// <param name="Name">As recipes name it.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Source">Where its thresholds are published.</param>
/// <param name="Recipe">YAML.</param>
public sealed record Preset(string Name, string Summary, string Source, string Recipe);

/// <summary>Recipes that others have published, with their thresholds. What a source leaves open is said in the recipe.</summary>
public static class Presets
{
    public static IReadOnlyList<Preset> All { get; } =
    [
        new(
            "datacomp-basic", "English captions of more than two words and five characters; images of at least 200 pixels, no narrower than 1 to 3.",
            "DataComp (Gadre et al. 2023, arXiv 2304.14108), basic filtering, as its code has it",
            """
            filters:
              - language: {allow: [en]}
              - caption_length: {min_words: 3, min_characters: 6}
              - image_size: {min_shorter_side: 200, max_aspect: 3.0}
            """),
        new(
            "datacomp-caption", "English captions of more than one word and five characters.",
            "DataComp (Gadre et al. 2023, arXiv 2304.14108), caption filtering, as its code has it",
            """
            filters:
              - language: {allow: [en]}
              - caption_length: {min_words: 2, min_characters: 6}
            """),
        new(
            "clip-score", "The 30 % of pairs whose image and caption are most alike.",
            "DataComp (Gadre et al. 2023, arXiv 2304.14108): CLIP ViT-L/14, top 30 %. By ViT-B/32 it takes similarity from 0.25 on",
            """
            filters:
              - similarity_top: {share: 0.3}
            """),
        new(
            "laion", "English captions of at least five characters whose image is alike by CLIP ViT-B/32.",
            "LAION-5B (Schuhmann et al. 2022, arXiv 2210.08402): 0.28 for English; LAION-400M took 0.30",
            """
            filters:
              - caption_length: {min_characters: 5}
              - language: {allow: [en]}
              - similarity: {min: 0.28}
            """),
        new(
            "dalle", "English captions that are not too short and not mostly boilerplate or a date; images no narrower than 1 to 2.",
            "DALL-E (Ramesh et al. 2021, arXiv 2102.12092, appendix C)",
            """
            # The paper gives no number for "too short"; here it is fewer than three words.
            filters:
              - caption_length: {min_words: 3}
              - language: {allow: [en]}
              - dates_and_boilerplate
              - image_size: {max_aspect: 2.0}
            """),
        new(
            "juicer-aspect", "Images no narrower than 1 to 3.", "Data-Juicer (Chen et al. 2023, arXiv 2309.02033), image_aspect_ratio_filter: 0.333 to 3.0",
            """
            filters:
              - image_size: {max_aspect: 3.0}
            """),
    ];
}
