using Sightline.Models.Images;

namespace Sightline.Search.Tests;

public sealed class QueryParserTests
{
    private static readonly RgbImage Given = SearchRoom.Picture(1, 2, 3);

    [Theory]
    [InlineData("a dog on the beach", "1:a dog on the beach")]
    [InlineData("2:dog + beach - people", "2:dog|1:beach|-1:people")]
    [InlineData("- people", "-1:people")]
    [InlineData("+ dog", "1:dog")]
    [InlineData("a t-shirt, black-and-white + 0.5:rain", "1:a t-shirt, black-and-white|0.5:rain")]
    [InlineData("\"rock + roll\" - 3:\"the - end\"", "1:rock + roll|-3:the - end")]
    [InlineData("the 16:9 screen", "1:the 16:9 screen")]
    [InlineData("12:30 train", "1:12:30 train")]
    [InlineData("#33", "1:#33")]
    [InlineData("2:#33 - 0.5:upload:0123456789abcdef", "2:#33|-0.5:(picture)")]
    [InlineData("nothing but sand", "1:nothing but sand")]
    [InlineData("#1 hit", "1:#1 hit")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("cat -5", "1:cat -5")]
    public void The_box_is_read_as_terms_with_weights_and_signs(string box, string expected) =>
        Assert.Equal(expected, Shown(QueryParser.Parse(box, _ => Given)));

    [Theory]
    [InlineData("#33 but at night", "1:#33", "at night", null)]
    [InlineData("#33 + #4 but red instead of blue", "1:#33|1:#4", "red", "blue")]
    [InlineData("upload:0123456789abcdef BUT in winter", "1:(picture)", "in winter", null)]
    public void But_turns_pictures_towards_a_difference(string box, string terms, string to, string? from)
    {
        var parsed = QueryParser.Parse(box, _ => Given);

        Assert.Equal(terms, Shown(parsed));
        Assert.Equal(new QueryShift(to, from), parsed.Shift);
    }

    [Theory]
    [InlineData("dog + + cat", "+")]
    [InlineData("dog - ", "comes a word")]
    [InlineData("0:dog", "0")]
    [InlineData("999:dog", "999")]
    [InlineData("\"\"", "no words")]
    public void What_cannot_be_is_refused_with_its_reason(string box, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => QueryParser.Parse(box, _ => Given)).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_many_terms_are_refused() => Assert.Throws<ArgumentException>(() =>
        QueryParser.Parse(string.Join(" + ", Enumerable.Repeat("dog", QueryParser.MaxTerms + 1)), _ => Given));

    private static string Shown(ParsedQuery query) => string.Join('|', query.Terms.Select(term =>
        term.Weight.ToString(System.Globalization.CultureInfo.InvariantCulture) + ":" + term switch
        {
            TextTerm text => text.Text,
            ImageTerm image => $"#{image.Image}",
            _ => "(picture)",
        }));
}
