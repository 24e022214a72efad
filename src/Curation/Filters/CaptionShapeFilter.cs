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
    "caption_shape", FilterCost.Numbers,
    new DropReason("not_text", "no UTF-8, or control characters"),
    new DropReason("few_letters", Share("letters below", minLetters)),
    new DropReason("many_symbols", Share("symbols above", maxSymbols)),
    new DropReason("many_digits", Share("digits above", maxDigits)),
    new DropReason("many_capitals", Share("capitals above", maxCapitals)),
    new DropReason("long_run", $"one character more than {maxRun} times in a row"))
{
    private const int FewestCased = 10;

    internal static FilterDefinition Definition { get; } = new(
        "caption_shape", "Caption shape", "Captions look like sentences: letters rather than digits, emoji or capitals.",
        [
            new FilterParameter("min_letters", "At least letters", ParameterKind.Share, "0.5", 0, 1),
            new FilterParameter("max_symbols", "At most emoji and symbols", ParameterKind.Share, "0.2", 0, 1),
            new FilterParameter("max_digits", "At most digits", ParameterKind.Share, "0.3", 0, 1),
            new FilterParameter("max_capitals", "At most capitals", ParameterKind.Share, "0.8", 0, 1),
            new FilterParameter("max_run", "At most repeats of a character", ParameterKind.Integer, "6", 1, 1_000),
        ],
        a => new CaptionShapeFilter(
            a.Number("min_letters"), a.Number("max_symbols"), a.Number("max_digits"), a.Number("max_capitals"), a.Integer("max_run")));

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
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
