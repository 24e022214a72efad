using System.Collections.Frozen;
using System.Globalization;
using Sightline.Curation.Languages;

namespace Sightline.Curation;

/// <summary>What a <see cref="LanguageFilter"/> is asked for.</summary>
public sealed record LanguageRule
{
    /// <summary>ISO 639 codes; empty: all languages.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>ISO 639 codes.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>Least confidence, 0 to 1; null: any.</summary>
    public double? MinConfidence { get; init; }

    /// <summary>Drops captions whose language is not known, and those without letters.</summary>
    public bool DropUnknown { get; init; } = true;

    /// <summary>Drops captions of which a fifth or more is in a second language that is not in <see cref="Allow"/>.</summary>
    public bool DropMixed { get; init; }
}

/// <summary>Captions are in one of the languages asked for, as <see cref="LanguageIdentifier"/> tells it.</summary>
public sealed class LanguageFilter(LanguageRule rule) : PairFilter(
    "language", FilterCost.Numbers,
    new DropReason("no_letters", "no letters"),
    new DropReason("unknown", "language not known"),
    new DropReason("denied", $"in {string.Join(", ", rule.Deny)}"),
    new DropReason("not_allowed", $"not in {string.Join(", ", rule.Allow)}"),
    new DropReason("unsure", string.Create(CultureInfo.InvariantCulture, $"language less than {rule.MinConfidence:P0} sure")),
    new DropReason("mixed", "partly in another language"))
{
    private static readonly LanguageCode NoLetters = new(LanguageGuess.NoLetters);
    private static readonly LanguageCode Unknown = new(LanguageGuess.Unknown);

    // The model's and those that CLD2 adds.
    private static readonly Lazy<FrozenSet<string>> Known = new(() =>
        new LanguageIdentifier().Languages.Concat(["ceb", "lg", "hmn", "bho"]).ToFrozenSet(StringComparer.Ordinal));

    private readonly LanguageCode[] _allow = [.. rule.Allow.Select(code => new LanguageCode(code))];
    private readonly LanguageCode[] _deny = [.. rule.Deny.Select(code => new LanguageCode(code))];

    // Shares as they are stored: 0.9 must pass 0.9.
    private readonly Half _minConfidence = (Half)(rule.MinConfidence ?? 0);
    private readonly Half _mixedFrom = (Half)LanguageGuess.MixedFrom;

    internal static FilterDefinition Definition { get; } = new(
        "language", "Language", "Captions are in one of the languages asked for.",
        [
            new FilterParameter("allow", "Languages to keep", ParameterKind.TextList),
            new FilterParameter("deny", "Languages to drop", ParameterKind.TextList),
            new FilterParameter("min_confidence", "At least sure", ParameterKind.Share, null, 0, 1, Field: PairField.LanguageConfidence),
            new FilterParameter("drop_unknown", "Drop captions whose language is not known", ParameterKind.Boolean, "true"),
            new FilterParameter("drop_mixed", "Drop captions partly in another language", ParameterKind.Boolean, "false"),
        ],
        Create);

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
        var language = facts.Language;
        if (language == NoLetters)
        {
            return rule.DropUnknown ? 0 : Keep;
        }

        if (language == Unknown)
        {
            return rule.DropUnknown ? 1 : Keep;
        }

        return _deny.AsSpan().Contains(language) ? 2
            : _allow.Length > 0 && !_allow.AsSpan().Contains(language) ? 3
            : facts.LanguageConfidence < _minConfidence ? 4
            : rule.DropMixed && facts.SecondLanguageShare >= _mixedFrom && !_allow.AsSpan().Contains(facts.SecondLanguage) ? 5
            : Keep;
    }

    private static LanguageFilter Create(FilterArguments a)
    {
        var rule = new LanguageRule
        {
            Allow = a.Texts("allow"),
            Deny = a.Texts("deny"),
            MinConfidence = a.Number("min_confidence"),
            DropUnknown = a.Boolean("drop_unknown"),
            DropMixed = a.Boolean("drop_mixed"),
        };
        if (rule.Allow.Concat(rule.Deny).FirstOrDefault(code => !Known.Value.Contains(code)) is { } wrong)
        {
            throw a.Fault($"{wrong} is no language that is told: use ISO 639 codes such as en, de or ceb.");
        }

        return rule.Allow.FirstOrDefault(rule.Deny.Contains) is { } both
            ? throw a.Fault($"{both} is both allowed and denied.")
            : new LanguageFilter(rule);
    }
}
