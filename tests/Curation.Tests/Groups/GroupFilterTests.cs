using System.Globalization;
using System.Text.Json;

namespace Sightline.Curation.Tests.Groups;

public sealed class GroupFilterTests
{
    private const int PartRows = 100_000;

    public static TheoryData<string> Names => [.. FilterCatalog.All.Where(d => IsGroup(d)).Select(d => d.Name)];

    [Fact]
    public void A_million_copies_take_no_more_memory_than_a_few()
    {
        // Half a million captions twice and half a million times one, in parts that are made as they are read.
        var baseline = 0L;
        var held = 0L;
        using var run = new TestRun(i => MakePart(i), 15, 15 * PartRows)
        {
            CountsOnly = true,
            AtEnd = () => held = Math.Max(held, GC.GetTotalMemory(forceFullCollection: true) - baseline),
        };
        baseline = GC.GetTotalMemory(forceFullCollection: true);

        new ExactDuplicateCaptions(1, Preference.Best).Run(run, CancellationToken.None);

        Assert.Equal(500_000 + 499_999, run.DropCount);
        // A run of the sort is 32 MiB, a part some 25 MB.
        Assert.InRange(held, 1, 90 << 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_filter_stops_when_it_is_told_to(string name)
    {
        var filter = (GroupFilter)FilterCatalog.Find(name)!.Create(Arguments(name));
        using var run = TestRun.Of(NearDuplicateImageTests.Embedded(100, 8, new Random(1)));
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => filter.Run(run, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(run.Scratch));
    }

    [Theory]
    [InlineData("near_duplicate_captions", "{}")]
    [InlineData("near_duplicate_images", """{ "min_cosine": 0.9 }""")]
    [InlineData("near_duplicate_images", """{ "max_distance": 6, "min_cosine": 0.9 }""")]
    [InlineData("diverse_subset", """{ "count": 50 }""")]
    [InlineData("diverse_subset", """{ "count": 50, "method": "k_means" }""")]
    public void What_takes_long_stops_after_reading_too_and_leaves_no_file(string name, string settings)
    {
        var values = JsonDocument.Parse(settings).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var filter = (GroupFilter)FilterCatalog.Find(name)!.Create(
            new FilterArguments(name, values, new RecipeContext("/", false, _ => throw new RecipeException("none"))));
        using var stop = new CancellationTokenSource();
        var pairs = NearDuplicateImageTests.Embedded(1_000, 8, new Random(1));
        var part = TestRun.MakePart(0, [.. pairs.Select((p, i) => p with { Caption = $"{i}", Hash = (ulong)i << 20 })]);
        using var run = new TestRun(_ => part, 1, 1_000) { AtEnd = stop.Cancel };

        Assert.ThrowsAny<OperationCanceledException>(() => filter.Run(run, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(run.Scratch));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_filter_is_content_with_nothing(string name)
    {
        if (name == "leakage")
        {
            return;
        }

        var filter = (GroupFilter)FilterCatalog.Find(name)!.Create(Arguments(name));
        using var run = TestRun.Of([]);

        Assert.Empty(run.Run(filter));
        Assert.Equal(name, filter.Name);
        Assert.All(filter.Reasons, r => Assert.StartsWith(name + ".", r.Code));
    }

    private static bool IsGroup(FilterDefinition definition)
    {
        string[] single = ["caption_length", "caption_shape", "repetition", "image_size", "similarity"];
        return !single.Contains(definition.Name) && TryCreate(definition) is GroupFilter;
    }

    private static CurationFilter? TryCreate(FilterDefinition definition)
    {
        try
        {
            return definition.Create(Arguments(definition.Name));
        }
        catch (RecipeException)
        {
            return null;
        }
    }

    private static FilterArguments Arguments(string name)
    {
        var values = FilterCatalog.Find(name)!.Parameters.Where(p => p.Default is not null)
            .ToDictionary(p => p.Name, p => JsonDocument.Parse(p.Default!).RootElement);
        foreach (var parameter in FilterCatalog.Find(name)!.Parameters.Where(p => p.Name is "count" or "dataset"))
        {
            values[parameter.Name] = JsonDocument.Parse(parameter.Name == "count" ? "5" : "\"test\"").RootElement;
        }

        return new FilterArguments(name, values, new RecipeContext("/", false, _ => new PairDataset("/nowhere")));
    }

    private static PairPart MakePart(int part)
    {
        var batch = new PairBatch((long)part * PartRows);
        var facts = new CaptionFacts[PartRows];
        Span<byte> text = stackalloc byte[16];
        for (var i = 0; i < PartRows; i++)
        {
            var number = part < 10 ? (((part * PartRows) + i) / 2) + 1 : 0;
            number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            batch.Add(new NewPair { Similarity = i });
            facts[i] = new CaptionFacts { Hash = CaptionHash.Of(text[..length]) };
        }

        return new PairPart(batch, facts, null, null);
    }
}
