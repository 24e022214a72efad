namespace Sightline.Curation;

/// <summary>Captions have so many characters and words. Bounds are inclusive; null: none.</summary>
public sealed class CaptionLengthFilter(int? minCharacters, int? maxCharacters, int? minWords, int? maxWords) : PairFilter(
    "caption_length", FilterCost.Numbers,
    new DropReason("few_characters", $"fewer than {minCharacters} characters"),
    new DropReason("many_characters", $"more than {maxCharacters} characters"),
    new DropReason("few_words", $"fewer than {minWords} words"),
    new DropReason("many_words", $"more than {maxWords} words"))
{
    internal static FilterDefinition Definition { get; } = new(
        "caption_length", "Caption length", "Captions are neither too short nor too long.",
        [
            new FilterParameter("min_characters", "At least", ParameterKind.Integer, null, 0, 10_000, "characters", PairField.Characters),
            new FilterParameter("max_characters", "At most", ParameterKind.Integer, null, 0, 1_000_000, "characters", PairField.Characters),
            new FilterParameter("min_words", "At least", ParameterKind.Integer, null, 0, 1_000, "words", PairField.Words),
            new FilterParameter("max_words", "At most", ParameterKind.Integer, null, 0, 100_000, "words", PairField.Words),
        ],
        a => new CaptionLengthFilter(a.Integer("min_characters"), a.Integer("max_characters"), a.Integer("min_words"), a.Integer("max_words")));

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
        return facts.Characters < minCharacters ? 0
            : facts.Characters > maxCharacters ? 1
            : facts.Words < minWords ? 2
            : facts.Words > maxWords ? 3
            : Keep;
    }
}
