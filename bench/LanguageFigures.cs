using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Bench;

/// <summary>What a detector makes of texts of one kind: accuracy is the mean over the languages, so that each weighs alike.</summary>
public sealed class LanguageFigures
{
    private readonly SortedDictionary<string, List<(string Told, float Confidence)>> _answers = new(StringComparer.Ordinal);

    private LanguageFigures()
    {
    }

    public IEnumerable<string> Languages => _answers.Keys;

    /// <summary>The mean over the languages of the share told right.</summary>
    public double Accuracy => Languages.Average(AccuracyOf);

    /// <summary>The mean over the languages of the share answered at all.</summary>
    public double Answered => _answers.Values.Average(answers => answers.Average(answer => answer.Told != LanguageGuess.Unknown ? 1.0 : 0));

    /// <summary>The best candidate of <see cref="LanguageIdentifier"/>, be it ever so unsure.</summary>
    public static LanguageFigures OfCandidates(LanguageIdentifier identifier, IReadOnlyDictionary<string, IReadOnlyList<string>> texts) =>
        Of(texts, text => identifier.Identify(text) is var guess ? (guess.Candidate, guess.Confidence) : default);

    /// <summary>The language of <see cref="LanguageIdentifier"/>, which is unknown where it is unsure.</summary>
    public static LanguageFigures OfLanguages(LanguageIdentifier identifier, IReadOnlyDictionary<string, IReadOnlyList<string>> texts) =>
        Of(texts, text => identifier.Identify(text) is var guess ? (guess.Language, guess.Confidence) : default);

    /// <summary>CLD2 alone, with its best effort.</summary>
    public static LanguageFigures OfCld2(IReadOnlyDictionary<string, IReadOnlyList<string>> texts) =>
        Of(texts, text => (First(Cld2.Detect(Encoding.UTF8.GetBytes(text))), 0));

    /// <summary>CLD2 alone, as it comes.</summary>
    public static LanguageFigures OfCld2WithoutBestEffort(IReadOnlyDictionary<string, IReadOnlyList<string>> texts) =>
        Of(texts, text => (First(Cld2.DetectWithoutBestEffort(Encoding.UTF8.GetBytes(text))), 0));

    public double AccuracyOf(string language) => _answers[language].Average(answer => answer.Told == language ? 1.0 : 0);

    /// <summary>What a language is taken for, the most frequent first, as shares of its texts.</summary>
    public IEnumerable<(string Told, double Share)> ConfusionsOf(string language) =>
        _answers[language].Where(answer => answer.Told != language).CountBy(answer => answer.Told)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, pair.Value / (double)_answers[language].Count));

    /// <summary>For tenths of the confidence: the share of the texts in each, the mean confidence and the share told right; languages
    /// weigh alike.</summary>
    public IEnumerable<(double Share, double Confidence, double Right)> Reliability()
    {
        var weighted = _answers.SelectMany(pair => pair.Value.Select(answer =>
            (answer.Confidence, Right: answer.Told == pair.Key, Weight: 1.0 / pair.Value.Count / _answers.Count)));
        return weighted.GroupBy(answer => Math.Min(9, (int)(answer.Confidence * 10))).OrderBy(bin => bin.Key).Select(bin =>
        {
            var weight = bin.Sum(answer => answer.Weight);
            var right = bin.Sum(answer => answer.Right ? answer.Weight : 0);
            return (weight, bin.Sum(answer => answer.Weight * answer.Confidence) / weight, right / weight);
        });
    }

    private static string First(Cld2Answer? answer) => answer is { } found ? found.Languages[0] : LanguageGuess.Unknown;

    private static LanguageFigures Of(
        IReadOnlyDictionary<string, IReadOnlyList<string>> texts, Func<string, (string Told, float Confidence)> tell)
    {
        var figures = new LanguageFigures();
        foreach (var (language, lines) in texts)
        {
            figures._answers[language] = [.. lines.Select(tell)];
        }

        return figures;
    }
}
