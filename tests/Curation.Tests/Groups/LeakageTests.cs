using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Groups;

public sealed class LeakageTests : IDisposable
{
    private const ulong Hash = 0x1234_5678_9ABC_DEF0;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_and_captions_of_the_test_set_are_dropped_each_for_its_reason()
    {
        var digest = new string('b', 64);
        var measured = UInt128.Parse(digest[..32], System.Globalization.NumberStyles.HexNumber, null);
        var test = Dataset([
            new("A dog runs on the beach", "http://a/1.jpg", Sha256: digest, Hash: Hash), new("", Image: "/t/2.jpg", Hash: 0), new("一只棕色的狗在沙滩上奔跑"),
        ]);
        TestPair[] pairs =
        [
            new("unlike", MeasuredSha256: measured),
            new("unlike too", "http://a/1.jpg"),
            new("unlike as well", Image: "/t/2.jpg"),
            new("a dog runs, on the beach!"),
            new("other", Hash: Hash ^ 0x11),
            new("other one", Hash: ~Hash),
            new("a dog runs on the beaches"),
            new("", Hash: 0),
            new("a cat"),
        ];
        using var run = TestRun.Of(pairs, partRows: 4);

        var drops = run.Run(new LeakageFilter(test, images: true, captions: true, maxDistance: 4, jaccard: 0.8));

        Assert.Equal([(0L, 0), (1L, 0), (2L, 0), (3L, 1), (4L, 2), (6L, 3)], drops.Select(d => (d.Key, d.Value.Reason)));
        Assert.All(drops.Values, d => Assert.Equal(-1, d.Twin));
    }

    [Fact]
    public void What_is_not_asked_for_is_not_compared()
    {
        var test = Dataset([new("a dog", "http://a/1.jpg", Hash: Hash)]);
        TestPair[] pairs = [new("a dog", "http://a/1.jpg", Hash: Hash), new("a dog"), new("", "http://a/1.jpg")];
        using var images = TestRun.Of(pairs);
        using var captions = TestRun.Of(pairs);

        Assert.Equal([0L, 2], images.Run(new LeakageFilter(test, true, false, null, null)).Keys);
        Assert.Equal([0L, 1], captions.Run(new LeakageFilter(test, false, true, null, null)).Keys);
    }

    [Fact]
    public void What_cannot_be_compared_is_said()
    {
        var test = Dataset([new("a dog")]);
        using var run = TestRun.Of([new("a dog", Hash: Hash)]);
        using var unmeasured = TestRun.Of([new("a dog")]);
        var empty = new PairDataset(_folder.PathOf("empty"));

        Assert.Contains("no image of the test set", Assert.Throws<RecipeException>(() => run.Run(new LeakageFilter(test, true, true, 6, null))).Message);
        Assert.Contains("no pairs", Assert.Throws<RecipeException>(() => run.Run(new LeakageFilter(empty, true, true, null, null))).Message);
        Assert.Contains("no image of this dataset", Assert.Throws<RecipeException>(
            () => unmeasured.Run(new LeakageFilter(Dataset([new("x", Hash: Hash)]), true, false, 6, null))).Message);
    }

    [Fact]
    public void A_recipe_names_a_dataset_that_is_looked_up()
    {
        var values = new Dictionary<string, JsonElement>
        {
            ["dataset"] = JsonDocument.Parse("\"flickr\"").RootElement, ["images"] = JsonDocument.Parse("true").RootElement,
        };
        var asked = "";
        var context = new RecipeContext("/", false, name =>
        {
            asked = name;
            return new PairDataset(_folder.Path);
        });
        var arguments = new FilterArguments("leakage", values, context);

        Assert.IsType<LeakageFilter>(LeakageFilter.Definition.Create(arguments));
        Assert.Equal("flickr", asked);
        Assert.Contains("give dataset", Assert.Throws<RecipeException>(
            () => LeakageFilter.Definition.Create(new FilterArguments("leakage", new Dictionary<string, JsonElement>(), context))).Message);
    }

    private PairDataset Dataset(TestPair[] pairs)
    {
        var dataset = new PairDataset(_folder.PathOf(Guid.NewGuid().ToString("N")));
        var part = TestRun.MakePart(0, pairs);
        dataset.WritePart(0, part.Source, part.Facts, new Dictionary<string, string>());
        dataset.WriteMeasures(0, part.Measures, null);
        return dataset;
    }
}
