using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Bench;

/// <summary>
/// Telling the language of sentences, word pairs and single words in 33 languages (lingua's test set, Apache-2.0), and of picture captions:
/// <see cref="LanguageIdentifier"/> against CLD2 alone, accuracy and speed, in one run on one thread.
/// </summary>
/// <param name="zip">Holds the test set (<see cref="LanguageTestSet"/>).</param>
/// <param name="captions">A folder of LANGUAGE.tsv with half and caption; null: no reliability on captions.</param>
/// <param name="tables">A Markdown file that gets the tables between its marks; null: none.</param>
public sealed class LanguageBench(string zip, string? captions, string? tables)
{
    /// <summary>The half of the captions that the calibration was not fitted on.</summary>
    private const string HeldOutHalf = "1";

    private const int FewestCaptions = 40;
    private const string Begin = "<!-- sightline bench languages: begin -->";
    private const string End = "<!-- sightline bench languages: end -->";
    private const int Rounds = 3;

    private static readonly string[] Kinds = [LanguageTestSet.Sentences, LanguageTestSet.WordPairs, LanguageTestSet.SingleWords];

    /// <returns>Accuracies and the ratio of our speed to CLD2's, by name.</returns>
    /// <exception cref="InvalidDataException">The zip has no test set, or the Markdown file no marks.</exception>
    public async Task<IReadOnlyDictionary<string, double>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var set = LanguageTestSet.Read(zip);
        var identifier = new LanguageIdentifier();
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var text = new StringBuilder();
        AppendAccuracies(text, set, identifier, figures, cancellationToken);
        AppendLanguages(text, set, identifier);
        AppendReliability(text, set, identifier);
        AppendSpeeds(text, set, identifier, figures);
        await report.WriteLineAsync(text, cancellationToken);
        if (tables is not null)
        {
            await WriteTablesAsync(text.ToString(), cancellationToken);
        }

        return figures;
    }

    private static void AppendAccuracies(
        StringBuilder text, LanguageTestSet set, LanguageIdentifier identifier, SortedDictionary<string, double> figures,
        CancellationToken cancellationToken)
    {
        text.Append("| accuracy, mean over the languages | CLD2 as it comes | CLD2, best effort | ours ")
            .AppendLine("| answered from 0.5 on | of these right |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (var kind in Kinds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var texts = set.Kinds[kind];
            var (plain, best) = (LanguageFigures.OfCld2WithoutBestEffort(texts), LanguageFigures.OfCld2(texts));
            var (ours, sure) = (LanguageFigures.OfCandidates(identifier, texts), LanguageFigures.OfLanguages(identifier, texts));
            text.Append(Line($"| {kind} | {plain.Accuracy:F3} | {best.Accuracy:F3} | **{ours.Accuracy:F3}** "))
                .AppendLine(Line($"| {sure.Answered:F3} | {sure.Accuracy / sure.Answered:F3} |"));
            var name = kind.Replace('-', '_');
            (figures[$"accuracy_{name}"], figures[$"accuracy_{name}_cld2"]) = (ours.Accuracy, best.Accuracy);
        }

        text.AppendLine();
    }

    private static void AppendLanguages(StringBuilder text, LanguageTestSet set, LanguageIdentifier identifier)
    {
        var cld2 = Kinds.Select(kind => LanguageFigures.OfCld2(set.Kinds[kind])).ToArray();
        var ours = Kinds.Select(kind => LanguageFigures.OfCandidates(identifier, set.Kinds[kind])).ToArray();
        text.AppendLine("CLD2 with best effort → ours, and what word pairs are taken for (percent of the language's pairs):").AppendLine();
        text.AppendLine("| | sentences | word pairs | single words | word pairs taken for |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var language in ours[1].Languages)
        {
            var cells = Kinds.Select((_, i) => Line($"{cld2[i].AccuracyOf(language):F3} → {ours[i].AccuracyOf(language):F3}"));
            var confusions = ours[1].ConfusionsOf(language).Where(confusion => confusion.Share >= 0.004).Take(5)
                .Select(confusion => Line($"{confusion.Told} {100 * confusion.Share:F1}"));
            text.AppendLine($"| {language} | {string.Join(" | ", cells)} | {string.Join(", ", confusions)} |");
        }

        text.AppendLine();
    }

    private void AppendReliability(StringBuilder text, LanguageTestSet set, LanguageIdentifier identifier)
    {
        text.AppendLine("| texts | confidence: share of the texts, mean confidence, told right |").AppendLine("|---|---|");
        if (captions is not null)
        {
            Append("captions not fitted on", ReadCaptions(identifier));
        }

        foreach (var kind in Kinds)
        {
            Append(kind, set.Kinds[kind]);
        }

        text.AppendLine();
        void Append(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> texts)
        {
            var figures = LanguageFigures.OfCandidates(identifier, texts);
            var bins = figures.Reliability().ToList();
            var error = bins.Sum(bin => bin.Share * Math.Abs(bin.Confidence - bin.Right));
            text.Append(Line($"| {name}: {figures.Languages.Count()} languages, accuracy {figures.Accuracy:F3}, "))
                .Append(Line($"expected calibration error {error:F3} | "))
                .AppendJoin("; ", bins.Select(bin => Line($"{100 * bin.Share:F0} %: {bin.Confidence:F2}, {bin.Right:F2}"))).AppendLine(" |");
        }
    }

    private Dictionary<string, IReadOnlyList<string>> ReadCaptions(LanguageIdentifier identifier) =>
        Directory.EnumerateFiles(captions!, "*.tsv").Order(StringComparer.Ordinal)
            .Where(path => identifier.Languages.Contains(Path.GetFileNameWithoutExtension(path)))
            .Select(path => (Language: Path.GetFileNameWithoutExtension(path), Lines: File.ReadLines(path).Select(line => line.Split('\t'))
                .Where(parts => parts[0] == HeldOutHalf).Select(parts => parts[1]).ToList()))
            .Where(file => file.Lines.Count >= FewestCaptions)
            .ToDictionary(file => file.Language, file => (IReadOnlyList<string>)file.Lines);

    // Both get UTF-8, as a catalogue holds it.
    private static void AppendSpeeds(
        StringBuilder text, LanguageTestSet set, LanguageIdentifier identifier, SortedDictionary<string, double> figures)
    {
        text.AppendLine("| texts a second, one thread | CLD2 | ours | ratio |").AppendLine("|---|---|---|---|");
        foreach (var kind in new[] { LanguageTestSet.Sentences, LanguageTestSet.WordPairs })
        {
            var texts = set.Kinds[kind].Values.SelectMany(lines => lines).Select(Encoding.UTF8.GetBytes).ToArray();
            var (theirs, ours) = (0.0, 0.0);
            for (var round = 0; round < Rounds; round++)
            {
                theirs = Math.Max(theirs, PerSecond(texts, utf8 => Cld2.Detect(utf8)));
                ours = Math.Max(ours, PerSecond(texts, utf8 => identifier.Identify(utf8)));
            }

            text.AppendLine(Line($"| {kind} | {theirs:N0} | {ours:N0} | {ours / theirs:F2} |"));
            figures[$"ratio_speed_{kind.Replace('-', '_')}"] = ours / theirs;
        }
    }

    private static double PerSecond<T>(byte[][] texts, Func<byte[], T> tell)
    {
        var watch = Stopwatch.StartNew();
        foreach (var text in texts)
        {
            tell(text);
        }

        return texts.Length / watch.Elapsed.TotalSeconds;
    }

    private async Task WriteTablesAsync(string text, CancellationToken cancellationToken)
    {
        var document = await File.ReadAllTextAsync(tables!, cancellationToken);
        var (begin, end) = (document.IndexOf(Begin, StringComparison.Ordinal), document.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new InvalidDataException($"{tables} has no '{Begin}' with '{End}' after it.");
        }

        await File.WriteAllTextAsync(tables!, $"{document[..(begin + Begin.Length)]}\n{text}{document[end..]}", cancellationToken);
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
