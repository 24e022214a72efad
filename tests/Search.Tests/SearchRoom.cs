using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

/// <summary>The room as the host wires it, on a real database; only the model is small.</summary>
internal sealed class SearchRoom : IAsyncDisposable
{
    private readonly PointEmbedder _embedder = new();
    private readonly TemporaryFolder _folder = new(passable: true);
    private IAsyncDisposable _database = null!;
    private ServiceProvider _services = null!;

    internal string ConnectionString { get; private set; } = "";

    internal RootId Root { get; private set; }

    internal SearchEngine Engine => _services.GetRequiredService<SearchEngine>();

    internal Catalog Catalog => _services.GetRequiredService<Catalog>();

    internal DeviceQueue Device => _services.GetRequiredService<DeviceQueue>();

    internal Tagger Tagger => _services.GetRequiredService<Tagger>();

    /// <summary>How often a batch of texts was embedded.</summary>
    internal int TextBatches => _embedder.TextBatches;

    internal static async Task<SearchRoom> OpenAsync(Postgres postgres)
    {
        var room = new SearchRoom();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IEmbedder>(room._embedder);
        services.AddSingleton<DeviceQueue>();
        room.ConnectionString = await postgres.Server.CreateEmptyDatabaseAsync();
        room._database = await services.AddSearchAsync(new SearchOptions(DataFolder.Open(room._folder.Path), room.ConnectionString), default);
        room._services = services.BuildServiceProvider();
        room.Root = (await room.Catalog.AddRootAsync("/photos", [], default)).Id;
        foreach (var service in room._services.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
        }

        return room;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(default);
        }

        await _services.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    internal NewImage Image(string path, byte red, byte green, byte blue) =>
        Samples.Image(Root, path) with { Embedding = _embedder.EmbedImages([Picture(red, green, blue)], default)[0] };

    internal NewImage Image(string path, string looksLike) =>
        Samples.Image(Root, path) with { Embedding = _embedder.EmbedTexts([looksLike], default)[0] };

    internal Task AddAsync(string path, byte red, byte green, byte blue) => Catalog.AddAsync([Image(path, red, green, blue)], default);

    /// <summary>The index has so many images now.</summary>
    internal async Task FollowedAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Engine.Count != count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    internal static RgbImage Picture(byte red, byte green, byte blue) =>
        new(2, 2, [.. Enumerable.Repeat(new[] { red, green, blue }, 4).SelectMany(p => p)]);
}
