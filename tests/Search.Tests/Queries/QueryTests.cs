namespace Sightline.Search.Tests;

/// <summary>Everything a query can be beyond words alone.</summary>
[Collection(PostgresCollection.Name)]
public sealed class QueryTests(Postgres postgres) : IAsyncLifetime
{
    private SearchRoom _room = null!;

    public async Task InitializeAsync() => _room = await SearchRoom.OpenAsync(postgres);

    public async Task DisposeAsync() => await _room.DisposeAsync();

    [Fact]
    public async Task Terms_add_and_subtract()
    {
        await AddColoursAsync();

        Assert.Equal("yellow", await FirstAsync(new() { Terms = [new TextTerm("red"), new TextTerm("green")] }));
        Assert.Equal("red", await FirstAsync(new() { Terms = [new TextTerm("red", 3), new TextTerm("green")] }));
        Assert.Equal("magenta", await FirstAsync(new() { Terms = [new TextTerm("red"), new TextTerm("blue"), new TextTerm("green", -1)] }));
        Assert.Equal("cyan", await FirstAsync(new() { Terms = [new TextTerm("red", -1)] }));
        var magenta = await IdAsync("magenta");
        Assert.Equal("blue", await FirstAsync(new() { Terms = [new ImageTerm(magenta), new TextTerm("red", -1)] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Search(new() { Terms = [new TextTerm("red"), new TextTerm("red", -1)] }));
    }

    [Fact]
    public async Task A_text_difference_turns_a_picture()
    {
        await AddColoursAsync();

        Assert.Equal("magenta", await FirstAsync(new()
        {
            Terms = [new PictureTerm(SearchRoom.Picture(255, 255, 0))], Shift = new QueryShift("blue", "green", 0.6f),
        }));
        await Assert.ThrowsAsync<ArgumentException>(() => Search(new()
        {
            Terms = [new PictureTerm(SearchRoom.Picture(255, 255, 0))], Shift = new QueryShift("blue", "blue"),
        }));
    }

    [Fact]
    public async Task Filters_hold_and_count_what_they_allow()
    {
        await AddColoursAsync();
        var colours = new NameIs(ImageField.Folder, ["/photos/mixed"]);

        var result = await Search(SearchQuery.ForWords("red") with { Filter = colours });

        Assert.Equal(["cyan", "magenta", "yellow"], result.Hits.Select(NameOf).Order());
        Assert.Equal(3, result.Searched);
        var facets = await _room.Engine.CountFacetsAsync(colours, default);
        Assert.Contains(new Facet(ImageField.Folder, "/photos/mixed", 3), facets);
        Assert.DoesNotContain(facets, f => f is { Field: ImageField.Folder, Value: "/photos/pure" });
    }

    [Fact]
    public async Task Names_and_captions_match_too_and_the_reason_is_told()
    {
        await AddColoursAsync();
        await _room.Catalog.AddAsync(
        [
            _room.Image("IMG_2041.jpg", 0, 0, 250), _room.Image("holiday/IMG_7.jpg", 0, 240, 0) with { Caption = "Oma's 80th: Geburtstagskuchen!" },
        ], default);
        await _room.FollowedAsync(8);

        Assert.Equal(("IMG_2041", "name"), await ReasonAsync("img_2041"));
        Assert.Equal(("IMG_7", "caption"), await ReasonAsync("geburtstag"));
        Assert.Equal(("IMG_7", "folder"), await ReasonAsync("holiday"));
        Assert.Equal(("red", "name"), await ReasonAsync("red"));
        var plain = await Search(SearchQuery.ForWords("img_2041"));
        Assert.All(plain.Hits, hit => Assert.Equal("content", Assert.Single(hit.Reasons).Kind));
        Assert.Equal(8, (await Search(SearchQuery.ForWords("'); drop table image; -- & | ! :*") with { MatchWords = true })).Hits.Count);
    }

    [Fact]
    public async Task Scores_are_measured_against_chance()
    {
        var random = new Random(3);
        await _room.Catalog.AddAsync(
            [.. Enumerable.Range(0, 400).Select(i => _room.Image($"{i}.jpg", $"noise {i} {random.Next()}")), _room.Image("red.jpg", 255, 0, 0)], default);
        await _room.FollowedAsync(401);

        var hits = (await Search(SearchQuery.ForWords("red") with { Limit = 401 })).Hits;

        Assert.Equal("red", NameOf(hits[0]));
        Assert.True(hits[0].Sigma > 2, $"{hits[0].Sigma}");
        Assert.InRange(hits[200].Sigma!.Value, -0.3, 0.3);
        Assert.InRange(hits.Count(h => h.Sigma >= 1), 30, 110);
        Assert.Equal(hits.Select(h => h.Chance), hits.Select(h => h.Chance).Order());
        var above = await Search(SearchQuery.ForWords("red") with { Limit = 401, AboveSigma = 1 });
        Assert.Equal(hits.Count(h => h.Sigma >= 1), above.Hits.Count);
    }

    [Fact]
    public async Task By_date_come_the_matches_alone()
    {
        var day = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await _room.Catalog.AddAsync(
        [
            .. Enumerable.Range(0, 200).Select(i => _room.Image($"{i}.jpg", $"noise {i}") with { ModifiedAt = day.AddDays(i) }),
            .. Enumerable.Range(0, 3).Select(i => _room.Image($"red {i}.jpg", 255, (byte)i, 0) with { ModifiedAt = day.AddDays(1000 - i) }),
        ], default);
        await _room.FollowedAsync(203);

        var newest = await Search(SearchQuery.ForWords("red") with { Order = SearchOrder.Newest, AboveSigma = 1.5 });
        Assert.Equal(["red 0", "red 1", "red 2"], newest.Hits.Take(3).Select(NameOf));
        Assert.True(newest.Hits.Count < 60);
        var oldest = await Search(new() { Order = SearchOrder.Oldest, Limit = 2 });
        Assert.Equal(["0", "1"], oldest.Hits.Select(NameOf));
        Assert.Equal(["red 0", "red 1"], (await Search(new() { Limit = 2 })).Hits.Select(NameOf));
    }

    [Theory]
    [InlineData(false, SearchOrder.Relevance, true)]
    [InlineData(true, SearchOrder.Relevance, true)]
    [InlineData(false, SearchOrder.Relevance, false)]
    [InlineData(false, SearchOrder.Oldest, false)]
    public async Task Pages_by_cursor_show_each_image_once_while_others_come_and_go(bool fold, SearchOrder order, bool words)
    {
        await _room.Catalog.AddAsync([.. Enumerable.Range(0, 150).Select(i => _room.Image($"{i:D3}.jpg", $"noise {i}"))], default);
        await _room.FollowedAsync(150);
        var query = (words ? SearchQuery.ForWords("red") : new SearchQuery()) with { Limit = 20, FoldDuplicates = fold, Order = order };
        var seen = new List<string>();
        string? cursor = null;
        for (var pages = 1; pages == 1 || cursor is not null; pages++)
        {
            var page = await Search(query with { Cursor = cursor });
            seen.AddRange(page.Hits.Select(NameOf));
            cursor = page.Cursor;
            Assert.Equal(cursor is not null, page.HasMore);

            // One better and one worse than where we are come in, and one that was shown goes.
            await _room.Catalog.AddAsync([_room.Image($"new {pages}.jpg", 255, (byte)pages, 0), _room.Image($"late {pages}.jpg", $"late {pages}")], default);
            await _room.Catalog.MarkMissingAsync(_room.Root, [$"{page.Hits[0].Image.Path}"], default);
            await _room.FollowedAsync(150 + pages);
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(150, seen.Count(name => name.Length == 3));
    }

    [Fact]
    public async Task Nearly_the_same_are_folded_and_the_next_page_does_not_repeat_them()
    {
        await _room.Catalog.AddAsync(
        [
            .. Enumerable.Range(0, 5).Select(i => _room.Image($"red {i}.jpg", 255, (byte)i, 0)),
            .. Enumerable.Range(0, 4).Select(i => _room.Image($"orange {i}.jpg", 255, (byte)(160 + i), 0)),
            _room.Image("blue.jpg", 0, 0, 255),
        ], default);
        await _room.FollowedAsync(10);
        var query = SearchQuery.ForWords("red") with { FoldDuplicates = true, Limit = 2 };

        var first = await Search(query);
        var second = await Search(query with { Cursor = first.Cursor });

        Assert.Equal([4, 3], first.Hits.Select(h => h.Folded.Count));
        Assert.Equal("blue", NameOf(Assert.Single(second.Hits)));
        Assert.Equal(NameOf(second.Hits[0]), NameOf(Assert.Single((await Search(query with { Offset = 2 })).Hits)));
        Assert.False(second.HasMore);
    }

    [Fact]
    public async Task What_is_put_aside_is_not_found_until_it_is_put_back()
    {
        await AddColoursAsync();
        var red = await IdAsync("red");

        Assert.Equal(1, await _room.Catalog.HideAsync([red, new ImageId(9_999)], true, default));
        Assert.Equal(0, await _room.Catalog.HideAsync([red], true, default));
        await _room.FollowedAsync(5);
        Assert.DoesNotContain((await Search(SearchQuery.ForWords("red"))).Hits, h => h.Image.Id == red);
        Assert.DoesNotContain((await Search(new())).Hits, h => h.Image.Id == red);
        Assert.Equal(red, Assert.Single(await _room.Catalog.ReadHiddenAsync(10, default)).Id);

        Assert.Equal(1, await _room.Catalog.HideAsync([red], false, default));
        await _room.FollowedAsync(6);
        Assert.Equal("red", await FirstAsync(SearchQuery.ForWords("red")));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("/////wAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_cursor_that_we_did_not_give_is_refused(string cursor) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Search(SearchQuery.ForWords("red") with { Cursor = cursor }));

    private async Task AddColoursAsync()
    {
        await _room.Catalog.AddAsync(
        [
            _room.Image("pure/red.jpg", 255, 0, 0), _room.Image("pure/green.jpg", 0, 255, 0), _room.Image("pure/blue.jpg", 0, 0, 255),
            _room.Image("mixed/yellow.jpg", 255, 255, 0), _room.Image("mixed/cyan.jpg", 0, 255, 255),
            _room.Image("mixed/magenta.jpg", 255, 0, 255),
        ], default);
        await _room.FollowedAsync(6);
    }

    private Task<SearchResult> Search(SearchQuery query) => _room.Engine.SearchAsync(query, default);

    private async Task<string> FirstAsync(SearchQuery query) => NameOf((await Search(query)).Hits[0]);

    private async Task<ImageId> IdAsync(string name) => (await Search(new())).Hits.Single(h => NameOf(h) == name).Image.Id;

    private async Task<(string Name, string Reason)> ReasonAsync(string words)
    {
        var hit = (await Search(SearchQuery.ForWords(words) with { MatchWords = true })).Hits[0];
        return (NameOf(hit), hit.Reasons[0].Kind);
    }

    private static string NameOf(Hit hit) => Path.GetFileNameWithoutExtension(hit.Image.Path);
}
