using Sightline.Training.Evaluation;

namespace Sightline.Training.Tests.Evaluation;

public sealed class RetrievalFiguresTests
{
    // Pictures point along the axes, so a caption's numbers are its scores.
    private static readonly float[] Axes = [1, 0, 0, 0, 1, 0, 0, 0, 1];

    [Fact]
    public void Every_caption_looks_for_its_picture_and_a_picture_for_the_best_of_its_captions()
    {
        // Captions 0 and 1 are of picture 0, 2 of picture 1, 3 of picture 2.
        float[] texts = [0.9f, 0.1f, 0.2f, 0.3f, 0.8f, 0.5f, 0.4f, 0.6f, 0.7f, 0.5f, 0.4f, 0.1f];
        var figures = RetrievalFigures.Compute(Axes, texts, [0, 0, 1, 2], 3);

        // Ranks of captions: 1, 3, 2, 3. Pictures: 0 finds 0.9 first; 1 has 0.6 behind 0.8; 2 has 0.1 behind 0.2, 0.5, 0.7.
        Assert.Equal(new RecallFigures(4, 0.25, 1, 1, 2.5), figures.TextToImage);
        Assert.Equal(new RecallFigures(3, 1 / 3.0, 1, 1, 2), figures.ImageToText);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0f)]
    [InlineData(float.NaN)]
    public void Who_scores_everything_alike_finds_what_chance_finds(float score)
    {
        float[] images = [.. Enumerable.Repeat(score, 20)];
        var figures = RetrievalFigures.Compute(images, images, [.. Enumerable.Range(0, 20)], 1);
        Assert.Equal(1 / 20.0, figures.TextToImage.RecallAt1, 9);
        Assert.Equal(10 / 20.0, figures.ImageToText.RecallAt10, 9);
        Assert.Equal(10.5, figures.TextToImage.MedianRank, 9);
    }

    [Fact]
    public void Pictures_without_captions_are_searched_among_and_do_not_search()
    {
        var figures = RetrievalFigures.Compute(Axes, [0, 0.5f, 0.7f], [1], 3);
        Assert.Equal((3, 1, 2.0, 1), (figures.Images, figures.Texts, figures.TextToImage.MedianRank, figures.ImageToText.Queries));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_caption_of_no_picture_is_an_error(int owner) =>
        Assert.Throws<ArgumentException>(() => RetrievalFigures.Compute(Axes, [1, 0, 0], [owner], 3));
}
