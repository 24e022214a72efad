using System.Text;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests;

public sealed class FilterTests
{
    private static readonly CaptionReader Reader = new(new LanguageIdentifier());

    [Theory]
    [InlineData("a dog", 2)]
    [InlineData("dog", 0)]
    [InlineData("a dog on grass", -1)]
    [InlineData("one two three four five six seven", 3)]
    public void Captions_are_as_long_as_the_bounds_say(string caption, int reason) =>
        Assert.Equal(reason, Check(new CaptionLengthFilter(5, null, 3, 6), caption));

    [Theory]
    [InlineData(640, 320, -1)]
    [InlineData(641, 320, 4)]
    [InlineData(320, 641, 4)]
    [InlineData(199, 199, 1)]
    [InlineData(3000, 2000, 3)]
    [InlineData(0, 0, 0)]
    public void Images_have_a_size_and_a_shape_within_the_bounds(int width, int height, int reason) =>
        Assert.Equal(reason, Check(new ImageSizeFilter(200, null, 5_000_000, 2, keepUnknown: false), "a", width, height));

    [Fact]
    public void What_is_not_known_passes_where_that_is_asked_for()
    {
        Assert.Equal(-1, Check(new ImageSizeFilter(200, null, null, 2, keepUnknown: true), "a"));
        Assert.Equal(-1, Check(new SimilarityFilter(0.3f, keepUnknown: true), "a"));
        Assert.Equal(0, Check(new SimilarityFilter(0.3f, keepUnknown: false), "a"));
        Assert.Equal(1, Check(new SimilarityFilter(0.3f, keepUnknown: false), "a", similarity: 0.29f));
        Assert.Equal(-1, Check(new SimilarityFilter(0.3f, keepUnknown: false), "a", similarity: 0.3f));
    }

    [Theory]
    [InlineData("a dog on the beach", -1)]
    [InlineData("#1 55 $ 77 %% 3", 1)]
    [InlineData("🎉🎉 party time 🎉🎉🎉", 2)]
    [InlineData("invoice 20190405 x", 3)]
    [InlineData("BUY THIS GREAT DOG NOW", 4)]
    [InlineData("USA", -1)]
    [InlineData("yessssssss please", 5)]
    [InlineData("ein Hund \u0001 am Strand", 0)]
    public void Captions_look_like_sentences(string caption, int reason) =>
        Assert.Equal(reason, Check(new CaptionShapeFilter(0.4, 0.2, 0.4, 0.8, 5), caption));

    [Theory]
    [InlineData("dog dog dog Dog DOG", 0)]
    [InlineData("sale, sale, sale! big sale; sale", 0)]
    [InlineData("the dog and the cat and the bird", -1)]
    [InlineData("dog dog dog", -1)]
    public void Repeated_words_are_few(string caption, int reason) => Assert.Equal(reason, Check(new RepetitionFilter(0.5), caption));

    [Fact]
    public void A_batch_gives_back_what_was_put_in()
    {
        var batch = new PairBatch(1_000);
        for (var i = 0; i < 500; i++)
        {
            batch.Add(new NewPair
            {
                Key = Encoding.UTF8.GetBytes($"key {i}"),
                Caption = Encoding.UTF8.GetBytes(new string('ж', i)),
                Width = i,
                Height = 2 * i,
                Similarity = i / 500f,
            });
        }

        Assert.Equal((500, 1_000, "key 499"), (batch.Count, batch.FirstRow, batch.Keys.Text(499)));
        Assert.Equal((998, 321, 642), (batch[499].Caption.Length, batch[321].Width, batch[321].Height));
        Assert.True(batch[7].Image.IsEmpty && batch[0].Caption.IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Keys[500].Length);
    }

    private static int Check(PairFilter filter, string caption, int width = 0, int height = 0, float similarity = float.NaN)
    {
        var bytes = Encoding.UTF8.GetBytes(caption);
        var facts = Reader.Read(bytes);
        var image = default(ImageMeasures);
        var reason = filter.Check(new Pair(new NewPair { Caption = bytes, Width = width, Height = height, Similarity = similarity }, facts, image));
        Assert.InRange(reason, -1, filter.Reasons.Count - 1);
        return reason;
    }
}
