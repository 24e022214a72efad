using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sightline.Curation;
using Sightline.Indexer;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Search;
using Sightline.Web;
using Sightline.Web.Access;

namespace Sightline.Cli.Host;

/// <summary>
/// The one process that owns a data folder: all rooms wired together, the HTTP API on the data folder's Unix socket and, for
/// <c>serve</c>, the page on a port.
/// </summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    private readonly DataFolder _data;
    private readonly WebApplication _app;
    private readonly IAsyncDisposable _database;
    private readonly AttachedClients _clients;
    private readonly ClipEmbedder _embedder;
    private readonly IDisposable? _export;

    private Daemon(
        DataFolder data, WebApplication app, IAsyncDisposable database, AttachedClients clients, ModelChoice models,
        ClipEmbedder embedder, IDisposable? export)
    {
        _embedder = embedder;
        ModelChosen = models.Chosen;
        _data = data;
        _app = app;
        _database = database;
        _clients = clients;
        _export = export;
    }

    /// <summary>Ends when the page has chosen another model: the daemon is to be disposed and started again.</summary>
    internal Task ModelChosen { get; }

    /// <summary>The caller holds the data folder's lock, and keeps it until the daemon is disposed.</summary>
    /// <param name="options">Data folder, database, model.</param>
    /// <param name="page">Where the page is served; null: nowhere.</param>
    /// <param name="access">Who is let in there.</param>
    /// <param name="cancellationToken">Stops starting.</param>
    internal static async Task<Daemon> StartAsync(CommonOptions options, IPEndPoint? page, AccessOptions access,
        CancellationToken cancellationToken)
    {
        var models = new ModelChoice(options.Models, options.Data, TimeProvider.System.GetUtcNow(), isFixed: page is null || options.Model is not null);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddLines(options);

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        Listen(builder, options.Data, page);

        // The model loads while PostgreSQL starts.
        ClipEmbedder embedder;
        var loading = Task.Run(() => LoadModel(options, cancellationToken), cancellationToken);
        var clients = new AttachedClients();
        var opening = builder.Services.AddSearchAsync(new SearchOptions(options.Data, options.Database), cancellationToken);
        try
        {
            embedder = await loading;
            builder.Services.AddSingleton<IEmbedder>(embedder);
        }
        catch
        {
            await (await opening).DisposeAsync();
            throw;
        }

        var database = await opening;
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DeviceQueue>();
        builder.Services.AddCuration(options.Models);
        builder.Services.AddIndexer();
        builder.Services.AddWeb(access, models, options.Data.Secrets);
        var app = builder.Build();
        app.MapWeb();
        clients.Map(app);
        try
        {
            await CheckKeysAsync(app, access, cancellationToken);
            await app.StartAsync(cancellationToken);
        }
        catch (CommandException)
        {
            await app.DisposeAsync();
            await database.DisposeAsync();
            throw;
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            await database.DisposeAsync();
            throw new CommandException($"{page} cannot be served: {e.Message} Another program may use the port; choose one with --port.");
        }

        DaemonLock.WriteAddress(options.Data, page is null ? null : $"http://{page}");
        return new Daemon(options.Data, app, database, clients, models, embedder, Observability.Export());
    }

    /// <summary>Waits until no other command uses this daemon.</summary>
    internal Task WhenAloneAsync(CancellationToken cancellationToken) => _clients.WhenNoneAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(ShutdownTimeout))
        {
            await _app.StopAsync(limit.Token);
        }

        await _app.DisposeAsync();

        // After the queue of its device: its memory is free before another model is loaded.
        _embedder.Dispose();
        _export?.Dispose();
        await _database.DisposeAsync();
        DaemonLock.WriteAddress(_data, null);
    }

    // A server that nobody could log in to helps nobody, and one without keys must not be reached from elsewhere.
    private static async Task CheckKeysAsync(WebApplication app, AccessOptions access, CancellationToken cancellationToken)
    {
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (access.RequireKeys && !(await app.Services.GetRequiredService<ApiKeys>().ListAsync(cancellationToken)).Any(key => key.IsActive(now)))
        {
            throw new CommandException("Others need a key to use this server, and there is none yet: sightline keys create NAME --scope admin");
        }
    }

    internal static ClipEmbedder LoadModel(CommonOptions options, CancellationToken cancellationToken)
    {
        var embedder = ClipEmbedder.Load(
            options.Models.Resolve(options.Model ?? Settings.Read(options.Data).Model ?? ModelCatalog.Default), options.Compute);
        if (embedder.HasTokenizer)
        {
            // libtorch sets itself up on first use, which the first query should not wait for.
            embedder.EmbedTexts(["a photo"], cancellationToken);
        }

        return embedder;
    }

    private static void Listen(WebApplicationBuilder builder, DataFolder data, IPEndPoint? page)
    {
        // Left behind by a daemon that was killed; the lock is ours, so nobody listens there.
        File.Delete(data.ApiSocket);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimits.Usual;

            // A query is part of the address, and people paste long ones.
            kestrel.Limits.MaxRequestLineSize = 64 << 10;
            kestrel.ListenUnixSocket(data.ApiSocket, OwnerConnection.Mark);
            if (page is not null)
            {
                kestrel.Listen(page, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
    }
}

/// <summary>Commands that use this daemon: each keeps a request open, so that the one that happens to be the daemon does not leave
/// first.</summary>
internal sealed class AttachedClients
{
    internal const string Path = "/attach";

    private readonly Lock _gate = new();
    private TaskCompletionSource _none = Completed();
    private int _count;

    internal void Map(WebApplication app) => app.MapGet(Path, async context =>
    {
        if (!OwnerConnection.Is(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        Enter();
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            var lifetime = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Leave();
        }
    }).ExcludeFromDescription();

    internal Task WhenNoneAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _none.Task.WaitAsync(cancellationToken);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            if (_count++ == 0)
            {
                _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _none.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
