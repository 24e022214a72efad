using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

/// <summary>Simple queries, and what the index does under them.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SearchEngineTests(Postgres postgres) : IAsyncLifetime
{
    private SearchRoom _room = null!;

    private SearchEngine Engine => _room.Engine;

    private Catalog Catalog => _room.Catalog;

    public async Task InitializeAsync() => _room = await SearchRoom.OpenAsync(postgres);

    public async Task DisposeAsync() => await _room.DisposeAsync();

    [Fact]
    public async Task A_committed_image_is_found_and_search_returns_hits_in_score_order()
    {
        await _room.AddAsync("red.jpg", 255, 0, 0);
        await _room.AddAsync("orange.jpg", 255, 128, 0);
        await _room.AddAsync("blue.jpg", 0, 0, 255);
        await _room.FollowedAsync(3);

        var result = await Engine.SearchAsync(SearchQuery.ForWords("red"), default);

        Assert.Equal(["red.jpg", "orange.jpg", "blue.jpg"], result.Hits.Select(h => h.Image.Path));
        Assert.Equal(3, result.Searched);
        Assert.False(result.HasMore);
        Assert.True(result.Hits[0].Score > 0.99);
    }

    [Fact]
    public async Task Pages_do_not_overlap_and_end()
    {
        for (var i = 0; i < 7; i++)
        {
            await _room.AddAsync($"{i}.jpg", 255, 0, 0);
        }

        await _room.FollowedAsync(7);
        var seen = new List<ImageId>();
        for (var offset = 0; ; offset += 3)
        {
            var page = await Engine.SearchAsync(SearchQuery.ForWords("red") with { Offset = offset, Limit = 3 }, default);
            seen.AddRange(page.Hits.Select(h => h.Image.Id));
            if (!page.HasMore)
            {
                break;
            }
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(7, seen.Count);
        Assert.Equal(1, _room.TextBatches);
    }

    [Fact]
    public async Task More_like_this_leaves_the_image_itself_out_and_a_picture_finds_its_like()
    {
        await _room.AddAsync("a.jpg", 0, 255, 0);
        await _room.AddAsync("b.jpg", 0, 250, 10);
        await _room.FollowedAsync(2);
        var a = (await Catalog.ReadNewestAsync(0, 10, default)).Single(i => i.Path == "a.jpg");

        var similar = await Engine.SearchAsync(SearchQuery.Like(a.Id), default);
        Assert.Equal("b.jpg", Assert.Single(similar.Hits).Image.Path);

        var byPicture = await Engine.SearchAsync(new SearchQuery { Terms = [new PictureTerm(SearchRoom.Picture(0, 255, 0))], Limit = 1 }, default);
        Assert.Equal("a.jpg", Assert.Single(byPicture.Hits).Image.Path);
        Assert.True(byPicture.HasMore);
    }

    [Fact]
    public async Task Vanished_images_leave_the_results_and_return()
    {
        await _room.AddAsync("a.jpg", 255, 0, 0);
        await _room.FollowedAsync(1);
        await Catalog.MarkMissingAsync(_room.Root, ["a.jpg"], default);
        await _room.FollowedAsync(0);
        Assert.Empty((await Engine.SearchAsync(SearchQuery.ForWords("red"), default)).Hits);

        await _room.AddAsync("a.jpg", 255, 0, 0);
        await _room.FollowedAsync(1);
        Assert.Single((await Engine.SearchAsync(SearchQuery.ForWords("red"), default)).Hits);
    }

    [Fact]
    public async Task The_index_follows_on_after_its_connections_were_cut()
    {
        await _room.AddAsync("a.jpg", 255, 0, 0);
        await _room.FollowedAsync(1);
        await using (var admin = NpgsqlDataSource.Create(_room.ConnectionString + ";Pooling=false"))
        await using (var cut = admin.CreateCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"))
        {
            await cut.ExecuteNonQueryAsync();
        }

        NpgsqlConnection.ClearPool(new NpgsqlConnection(_room.ConnectionString));
        await AddEventuallyAsync("b.jpg", 0, 0, 255);
        await _room.FollowedAsync(2);
    }

    [Fact]
    public async Task Queries_that_are_none_are_refused_with_their_reason()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(SearchQuery.ForWords(" "), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(SearchQuery.ForWords("red") with { Offset = -1 }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(SearchQuery.ForWords("red") with { Offset = 0, Limit = 1001 }, default));
        await Assert.ThrowsAsync<ImageNotFoundException>(() => Engine.SearchAsync(SearchQuery.Like(new ImageId(77)), default));
    }

    // A pooled connection that the server has closed shows itself only when it is used.
    private async Task AddEventuallyAsync(string path, byte red, byte green, byte blue)
    {
        for (var broken = true; broken;)
        {
            try
            {
                await _room.AddAsync(path, red, green, blue);
                broken = false;
            }
            catch (NpgsqlException)
            {
                broken = true;
            }
        }
    }
}
