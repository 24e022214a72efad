using Sightline.Bench;
using Sightline.Curation.Languages;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Languages;

/// <summary>Floors on lingua's test set, a little below what docs/languages.md has, and above CLD2 alone in the same run.</summary>
public sealed class LanguageAccuracyTests(CaptionFixture fixture) : IClassFixture<CaptionFixture>
{
    private static readonly Lazy<LanguageTestSet> Set = new(() => LanguageTestSet.Read(SharedData.PathOf("data", "curation.zip")));

    [SharedTheory]
    [InlineData(LanguageTestSet.Sentences, 0.988)]
    [InlineData(LanguageTestSet.WordPairs, 0.924)]
    [InlineData(LanguageTestSet.SingleWords, 0.805)]
    public void Accuracy_stays_above_its_floor_and_above_CLD2s(string kind, double floor)
    {
        var texts = Set.Value.Kinds[kind];
        var ours = LanguageFigures.OfCandidates(fixture.Identifier, texts);
        var cld2 = LanguageFigures.OfCld2(texts);
        Assert.Equal(33, ours.Languages.Count());
        Assert.True(ours.Accuracy >= floor, $"{ours.Accuracy:F4}");
        Assert.True(ours.Accuracy > cld2.Accuracy, $"ours {ours.Accuracy:F4}, CLD2 {cld2.Accuracy:F4}");
    }

    [SharedFact]
    public void What_is_answered_is_right_more_often_than_what_is_not()
    {
        var texts = Set.Value.Kinds[LanguageTestSet.WordPairs];
        var sure = LanguageFigures.OfLanguages(fixture.Identifier, texts);
        Assert.InRange(sure.Answered, 0.9, 0.99);
        Assert.True(sure.Accuracy / sure.Answered > 0.94, $"{sure.Accuracy / sure.Answered:F4}");
    }

    [SharedFact]
    public void Confidences_are_probabilities()
    {
        var reliability = LanguageFigures.OfCandidates(fixture.Identifier, Set.Value.Kinds[LanguageTestSet.WordPairs]).Reliability();
        // A tenth of the confidence may miss by 0.12, as it may hold few texts; all together by 0.03.
        Assert.All(reliability.Where(bin => bin.Share > 0.01), bin => Assert.InRange(bin.Right - bin.Confidence, -0.12, 0.12));
        Assert.True(reliability.Sum(bin => bin.Share * Math.Abs(bin.Right - bin.Confidence)) < 0.03);
    }
}
