using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

/// <summary>The room as the host wires it, on a real database; only the model is small.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SearchEngineTests(Postgres postgres) : IAsyncLifetime
{
    private readonly PointEmbedder _embedder = new();
    private readonly TemporaryFolder _folder = new(passable: true);
    private string _connectionString = "";
    private IAsyncDisposable _database = null!;
    private ServiceProvider _services = null!;
    private RootId _root;

    private SearchEngine Engine => _services.GetRequiredService<SearchEngine>();

    private Catalog Catalog => _services.GetRequiredService<Catalog>();

    public async Task InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IEmbedder>(_embedder);
        services.AddSingleton<DeviceQueue>();
        _connectionString = await postgres.Server.CreateEmptyDatabaseAsync();
        _database = await services.AddSearchAsync(new SearchOptions(DataFolder.Open(_folder.Path), _connectionString), default);
        _services = services.BuildServiceProvider();
        _root = (await Catalog.AddRootAsync("/photos", [], default)).Id;
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(default);
        }

        await _services.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_committed_image_is_found_and_search_returns_hits_in_score_order()
    {
        await AddAsync("red.jpg", 255, 0, 0);
        await AddAsync("orange.jpg", 255, 128, 0);
        await AddAsync("blue.jpg", 0, 0, 255);
        await FollowedAsync(3);

        var result = await Engine.SearchAsync(new SearchQuery("red", null, null, 0, 10), default);

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
            await AddAsync($"{i}.jpg", 255, 0, 0);
        }

        await FollowedAsync(7);
        var seen = new List<ImageId>();
        for (var offset = 0; ; offset += 3)
        {
            var page = await Engine.SearchAsync(new SearchQuery("red", null, null, offset, 3), default);
            seen.AddRange(page.Hits.Select(h => h.Image.Id));
            if (!page.HasMore)
            {
                break;
            }
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(7, seen.Count);
        Assert.Equal(1, _embedder.TextBatches);
    }

    [Fact]
    public async Task More_like_this_leaves_the_image_itself_out_and_a_picture_finds_its_like()
    {
        await AddAsync("a.jpg", 0, 255, 0);
        await AddAsync("b.jpg", 0, 250, 10);
        await FollowedAsync(2);
        var a = (await Catalog.ReadNewestAsync(0, 10, default)).Single(i => i.Path == "a.jpg");

        var similar = await Engine.SearchAsync(new SearchQuery(null, a.Id, null, 0, 10), default);
        Assert.Equal("b.jpg", Assert.Single(similar.Hits).Image.Path);

        var byPicture = await Engine.SearchAsync(new SearchQuery(null, null, Picture(0, 255, 0), 0, 1), default);
        Assert.Equal("a.jpg", Assert.Single(byPicture.Hits).Image.Path);
        Assert.True(byPicture.HasMore);
    }

    [Fact]
    public async Task Vanished_images_leave_the_results_and_return()
    {
        await AddAsync("a.jpg", 255, 0, 0);
        await FollowedAsync(1);
        await Catalog.MarkMissingAsync(_root, ["a.jpg"], default);
        await FollowedAsync(0);
        Assert.Empty((await Engine.SearchAsync(new SearchQuery("red", null, null, 0, 10), default)).Hits);

        await AddAsync("a.jpg", 255, 0, 0);
        await FollowedAsync(1);
        Assert.Single((await Engine.SearchAsync(new SearchQuery("red", null, null, 0, 10), default)).Hits);
    }

    [Fact]
    public async Task The_index_follows_on_after_its_connections_were_cut()
    {
        await AddAsync("a.jpg", 255, 0, 0);
        await FollowedAsync(1);
        await using (var admin = NpgsqlDataSource.Create(_connectionString + ";Pooling=false"))
        await using (var cut = admin.CreateCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"))
        {
            await cut.ExecuteNonQueryAsync();
        }

        NpgsqlConnection.ClearPool(new NpgsqlConnection(_connectionString));
        await AddEventuallyAsync("b.jpg", 0, 0, 255);
        await FollowedAsync(2);
    }

    [Fact]
    public async Task Queries_that_are_none_are_refused_with_their_reason()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(new SearchQuery(null, null, null, 0, 10), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(new SearchQuery(" ", null, null, 0, 10), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(new SearchQuery("red", null, null, -1, 10), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Engine.SearchAsync(new SearchQuery("red", null, null, 0, 1001), default));
        await Assert.ThrowsAsync<ImageNotFoundException>(() => Engine.SearchAsync(new SearchQuery(null, new ImageId(77), null, 0, 10), default));
    }

    private Task AddAsync(string path, byte red, byte green, byte blue)
    {
        var embedding = _embedder.EmbedImages([Picture(red, green, blue)], default)[0];
        return Catalog.AddAsync([Samples.Image(_root, path) with { Embedding = embedding }], default);
    }

    // A pooled connection that the server has closed shows itself only when it is used.
    private async Task AddEventuallyAsync(string path, byte red, byte green, byte blue)
    {
        for (var broken = true; broken;)
        {
            try
            {
                await AddAsync(path, red, green, blue);
                broken = false;
            }
            catch (NpgsqlException)
            {
                broken = true;
            }
        }
    }

    private async Task FollowedAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Engine.Count != count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static RgbImage Picture(byte red, byte green, byte blue) =>
        new(2, 2, [.. Enumerable.Repeat(new[] { red, green, blue }, 4).SelectMany(p => p)]);
}
