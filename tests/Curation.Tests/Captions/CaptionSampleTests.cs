using System.Globalization;
using System.Text;
using Sightline.TestKit;

namespace Sightline.Curation.Tests;

/// <summary>The marks against verdicts by hand (tests/Golden/*_sample.tsv): what was reached is the floor.</summary>
public sealed class CaptionSampleTests
{
    private const double MostlyFrom = 0.5;

    [SharedFact]
    public void Dates_in_sentences_of_16_languages_are_found()
    {
        var (precision, recall) = OfSentences(CaptionMarks.Date, column: 3);
        Assert.True(precision >= 1, $"precision {precision:F3}");
        Assert.True(recall >= 0.92, $"recall {recall:F3}");
    }

    [SharedTheory]
    [InlineData(CaptionMarks.Url, 4)]
    [InlineData(CaptionMarks.Email, 5)]
    [InlineData(CaptionMarks.Markup, 6)]
    public void Addresses_and_markup_in_sentences_are_found(CaptionMarks mark, int column) => Assert.Equal((1, 1), OfSentences(mark, column));

    // Conceptual Captions has three dates; one, in seven digits without a sign between them, is not found.
    [SharedFact]
    public void Dates_in_web_captions_are_found() =>
        Assert.Equal((1, 2.0 / 3), Of(Cc3m("", (marks, _) => marks.HasFlag(CaptionMarks.Date), 2, "yes")));

    // The author of the patterns had not read the captions of "last".
    [SharedTheory]
    [InlineData("", 1, 0.85)]
    [InlineData("last-", 1, 0.61)]
    public void Boilerplate_in_web_captions_is_found(string stratum, double leastPrecision, double leastRecall)
    {
        var (precision, recall) = Of(Cc3m(stratum, (marks, _) => marks.HasFlag(CaptionMarks.Boilerplate), 3, "some", "mostly"));
        Assert.True(precision >= leastPrecision, $"precision {precision:F3}");
        Assert.True(recall >= leastRecall, $"recall {recall:F3}");
    }

    [SharedFact]
    public void Captions_that_are_mostly_boilerplate_are_told()
    {
        var (precision, recall) = Of(Cc3m("", (marks, share) => marks.HasFlag(CaptionMarks.Boilerplate) && share > MostlyFrom, 3, "mostly"));
        Assert.True(precision >= 0.75, $"precision {precision:F3}");
        Assert.True(recall >= 0.52, $"recall {recall:F3}");
    }

    [SharedFact]
    public void No_web_caption_of_the_sample_has_an_address_or_markup() => Assert.All(
        Cc3m("", (marks, _) => (marks & ~(CaptionMarks.Date | CaptionMarks.Boilerplate)) != CaptionMarks.None, 2, "none"),
        row => Assert.False(row.Found));

    private static (double Precision, double Recall) OfSentences(CaptionMarks mark, int column)
    {
        var texts = new Dictionary<string, string[]>();
        return Of(SharedCaptions.Verdicts("sentences_sample.tsv").Select(row =>
        {
            if (!texts.TryGetValue(row[0], out var lines))
            {
                texts.Add(row[0], lines = SharedCaptions.Sentences(row[0]));
            }

            return (Find(lines[int.Parse(row[1], CultureInfo.InvariantCulture) - 1]).Marks.HasFlag(mark), row[column] == "yes");
        }));
    }

    private static IEnumerable<(bool Found, bool True)> Cc3m(string stratum, Func<CaptionMarks, double, bool> found, int column, params string[] verdicts) =>
        SharedCaptions.Verdicts("cc3m_sample.tsv")
            .Where(row => row[1].StartsWith(stratum, StringComparison.Ordinal))
            .Select(row =>
            {
                var (marks, share) = Find(SharedCaptions.All[int.Parse(row[0], CultureInfo.InvariantCulture) - 1]);
                return (found(marks, share), verdicts.Contains(row[column]));
            });

    private static (double Precision, double Recall) Of(IEnumerable<(bool Found, bool True)> verdicts)
    {
        var all = verdicts.ToList();
        double right = all.Count(v => v is { Found: true, True: true });
        return (right / all.Count(v => v.Found), right / all.Count(v => v.True));
    }

    private static (CaptionMarks Marks, double Share) Find(string text)
    {
        var marks = CaptionPatterns.Find(Encoding.UTF8.GetBytes(text), out var share);
        return (marks, share);
    }
}
