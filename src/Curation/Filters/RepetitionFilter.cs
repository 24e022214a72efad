using System.Globalization;

namespace Sightline.Curation;

/// <summary>Captions do not say the same again and again. Captions below five words pass.</summary>
/// <param name="maxRepeated">Most share of words that occurred before in the caption, in [0, 1].</param>
public sealed class RepetitionFilter(double maxRepeated) : PairFilter(
    "repetition", FilterCost.Numbers,
    new DropReason("repeated_words", string.Create(CultureInfo.InvariantCulture, $"more than {maxRepeated:P0} of the words repeated")))
{
    internal static FilterDefinition Definition { get; } = new(
        "repetition", "Repetition", "Captions do not repeat their words.",
        [new FilterParameter("max_repeated", "Most repeated words", ParameterKind.Share, "0.5", 0, 1, Field: PairField.RepeatedShare)],
        arguments => new RepetitionFilter(arguments.Number("max_repeated") ?? 1));

    /// <inheritdoc/>
    public override int Check(in Pair pair) => (double)pair.Facts.RepeatedShare > maxRepeated ? 0 : Keep;
}
