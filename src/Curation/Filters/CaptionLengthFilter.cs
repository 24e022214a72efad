namespace Sightline.Curation;

/// <summary>Captions have so many characters and words. Bounds are inclusive; null: none.</summary>
public sealed class CaptionLengthFilter(int? minCharacters, int? maxCharacters, int? minWords, int? maxWords) : PairFilter(
    "caption_length", FilterCost.Count,
    $"fewer than {minCharacters} characters", $"more than {maxCharacters} characters", $"fewer than {minWords} words", $"more than {maxWords} words")
{
    /// <inheritdoc/>
    public override int Check(in Pair pair, in CaptionFacts facts) =>
        facts.Characters < minCharacters ? 0
        : facts.Characters > maxCharacters ? 1
        : facts.Words < minWords ? 2
        : facts.Words > maxWords ? 3
        : Keep;
}
