namespace Sightline.Search.Tests;

public sealed class ImageFilterTests
{
    private static readonly DateTimeOffset May = new(2024, 5, 17, 12, 0, 0, TimeSpan.Zero);
    private readonly FactTable _table = new();

    public ImageFilterTests()
    {
        _table.Set(new(1), new ImageRow("/p/summer", May, 1_000, 4000, 3000, "X100", "jpeg", true, false));
        _table.Set(new(2), new ImageRow("/p/summer/beach", May.AddMonths(1), 2_000, 3000, 4000, "D90", "jpeg", false, false));
        _table.Set(new(3), new ImageRow("/p/summertime", May.AddYears(1), 3_000, 1000, 1000, null, "png", false, true));
        _table.Set(new(200), new ImageRow("/q", May.AddDays(-1), 4_000, 640, 480, "x100", "webp", true, false));
    }

    [Theory]
    [InlineData("""{}""", "1 2 3 200")]
    [InlineData("""{"folder":"/p/summer"}""", "1 2")]
    [InlineData("""{"folder":"/p/summer/"}""", "1 2")]
    [InlineData("""{"folder":"/"}""", "1 2 3 200")]
    [InlineData("""{"folder":{"nin":["/p/summer","/q"]}}""", "3")]
    [InlineData("""{"camera":"x100"}""", "1 200")]
    [InlineData("""{"camera":{"in":["D90","X100"]},"width":{"gte":3000,"lt":4000}}""", "2")]
    [InlineData("""{"width":{"gt":3000}}""", "1")]
    [InlineData("""{"width":{"lte":1000}}""", "3 200")]
    [InlineData("""{"height":{"in":[480,1000]}}""", "3 200")]
    [InlineData("""{"pixels":{"gte":12000000}}""", "1 2")]
    [InlineData("""{"aspect":{"gte":1.3,"lt":1.34}}""", "1 200")]
    [InlineData("""{"bytes":{"eq":3000}}""", "3")]
    [InlineData("""{"orientation":"portrait"}""", "2")]
    [InlineData("""{"orientation":{"ne":"portrait"}}""", "1 3 200")]
    [InlineData("""{"date":"2024"}""", "1 2 200")]
    [InlineData("""{"date":"2024-05"}""", "1 200")]
    [InlineData("""{"date":"2024-05-17"}""", "1")]
    [InlineData("""{"date":{"gt":"2024-05-17"}}""", "2 3")]
    [InlineData("""{"date":{"gte":"2024-05-17T12:00:00Z","lt":"2025"}}""", "1 2")]
    [InlineData("""{"date":{"lte":"2024-05-16"}}""", "200")]
    [InlineData("""{"provenance":"generated"}""", "3")]
    [InlineData("""{"captioned":true}""", "1 200")]
    [InlineData("""{"or":[{"format":"png"},{"camera":"D90"}]}""", "2 3")]
    [InlineData("""{"not":{"or":[{"format":"png"},{"camera":"D90"}]},"captioned":true}""", "1 200")]
    public void A_filter_allows_what_it_says(string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Allowed(FilterJson.Parse(json))));

    [Theory]
    [InlineData("""{"colour":"red"}""", "colour")]
    [InlineData("""{"width":"wide"}""", "width is a number")]
    [InlineData("""{"camera":{"gte":"A"}}""", "camera has no order")]
    [InlineData("""{"width":{"like":1}}""", "like")]
    [InlineData("""{"date":"May"}""", "May is no date")]
    [InlineData("""{"or":{}}""", "or")]
    [InlineData("""{"or":[]}""", "or")]
    [InlineData("""[1]""", "object")]
    [InlineData("""{""", "JSON")]
    [InlineData("""{"camera":{"eq":{}}}""", "camera")]
    public void What_is_no_filter_is_refused_with_its_reason(string json, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => FilterJson.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Filters_nested_or_long_beyond_reason_are_refused()
    {
        Assert.Throws<ArgumentException>(() => FilterJson.Parse(string.Concat(Enumerable.Repeat("{\"not\":", 20)) + "{}" + new string('}', 20)));
        Assert.Throws<ArgumentException>(() =>
            FilterJson.Parse("{\"or\":[" + string.Join(',', Enumerable.Repeat("{\"width\":1}", ImageFilter.MaxConditions)) + "]}"));
    }

    [Fact]
    public void Removed_images_are_not_allowed_and_replaced_ones_are_seen_as_they_are()
    {
        _table.Remove(new(1));
        _table.Set(new(2), new ImageRow("/p", May, 1, 10, 10, null, "gif", false, false));

        Assert.Equal("2", string.Join(' ', Allowed(FilterJson.Parse("""{"format":{"in":["gif","jpeg"]}}"""))));
        Assert.Null(_table.Find(new(1)));
    }

    private IEnumerable<long> Allowed(ImageFilter filter) =>
        _table.Where(filter.Compile(_table, new Dictionary<string, ImageSet>())).Ids(0, 1);
}
