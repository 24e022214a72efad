using System.Globalization;

namespace Sightline.Curation;

/// <summary>Captions look like sentences: mostly letters, not shouted, not one character again and again. Shares are of all characters, in
/// [0, 1].</summary>
/// <param name="minLetters">Least share of letters.</param>
/// <param name="maxSymbols">Most share of emoji and other symbols.</param>
/// <param name="maxDigits">Most share of digits.</param>
/// <param name="maxCapitals">Most share of capitals among letters that have cases, in captions of at least ten such letters.</param>
/// <param name="maxRun">Most repeats of one character without a break.</param>
public sealed class CaptionShapeFilter(double? minLetters, double? maxSymbols, double? maxDigits, double? maxCapitals, int? maxRun) : PairFilter(
    "caption_shape", FilterCost.Count,
    "no UTF-8, or control characters", Share("letters below", minLetters), Share("symbols above", maxSymbols), Share("digits above", maxDigits),
    Share("capitals above", maxCapitals), $"one character more than {maxRun} times in a row")
{
    private const int FewestCased = 10;

    /// <inheritdoc/>
    public override int Check(in Pair pair, in CaptionFacts facts)
    {
        double all = Math.Max(1, facts.Characters);
        return facts.Invalid > 0 ? 0
            : facts.Letters < minLetters * all ? 1
            : facts.Symbols > maxSymbols * all ? 2
            : facts.Digits > maxDigits * all ? 3
            : facts.Cased >= FewestCased && facts.Capitals > maxCapitals * facts.Cased ? 4
            : facts.LongestRun > maxRun ? 5
            : Keep;
    }

    private static string Share(string what, double? share) => string.Create(CultureInfo.InvariantCulture, $"{what} {share:P0}");
}
