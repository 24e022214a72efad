using System.CommandLine;
using System.Net;
using Sightline.Cli.Host;
using Sightline.Models;
using Sightline.Search;
using Sightline.Web.Access;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>serve [FOLDER]</c>: the daemon with the page, until Ctrl-C.</summary>
internal static class ServeCommand
{
    internal static Command Create()
    {
        var folder = new Argument<string?>("folder")
        {
            Description = "A folder to index once the server is up.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var port = new Option<int>("--port") { Description = "Port of the page and the API.", DefaultValueFactory = _ => 8080 };
        var bind = new Option<string>("--bind") { Description = "Address to listen on; others than loopback need keys (sightline keys create).", DefaultValueFactory = _ => "127.0.0.1" };
        var hosts = new Option<string[]>("--host") { Description = "A name by which the server is called, besides localhost; may be given again." };
        var proxies = new Option<string[]>("--proxy") { Description = "Address of a proxy before the server; its X-Forwarded-For and -Proto are believed. May be given again." };
        var requireKeys = new Option<bool>("--require-keys") { Description = "Ask for a key on loopback too." };
        var rate = new Option<int>("--rate-limit")
        {
            Description = "Requests a second that one key may make.",
            DefaultValueFactory = _ => new AccessOptions().RequestsPerSecond,
        };
        var exclude = IndexCommand.ExcludeOption();
        var command = new Command("serve", "Serve the page and the HTTP API; index FOLDER meanwhile.")
        {
            folder, port, bind, hosts, proxies, requireKeys, rate, exclude,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var page = Endpoint(parsed.GetValue(bind)!, parsed.GetValue(port));
            var access = new AccessOptions
            {
                RequireKeys = parsed.GetValue(requireKeys) || !IPAddress.IsLoopback(page.Address),
                Hosts = [page.Address.ToString(), .. parsed.GetValue(hosts) ?? []],
                Proxies = [.. (parsed.GetValue(proxies) ?? []).Select(p => IPAddress.TryParse(p, out var proxy) ? proxy : throw new CommandException($"{p} is no IP address."))],
                RequestsPerSecond = parsed.GetValue(rate) is > 0 and var given ? given : throw new CommandException("--rate-limit is at least 1."),
            };
            return RunAsync(CommonOptions.Read(parsed), parsed.GetValue(folder), page, access, parsed.GetValue(exclude), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommonOptions options, string? folder, IPEndPoint page, AccessOptions access, string[]? exclude,
        CancellationToken cancellationToken)
    {
        if (DaemonLock.TryTake(options.Data) is not { } held)
        {
            return await JoinAsync(options, folder, exclude, cancellationToken);
        }

        using (held)
        {
            // Again after another model was chosen on the page; with the one before, where that one cannot be served.
            Settings? before = null;
            for (var again = true; again;)
            {
                var settings = Settings.Read(options.Data);
                Daemon daemon;
                try
                {
                    daemon = await Daemon.StartAsync(options, page, access, cancellationToken);
                }
                catch (Exception e) when (before is not null && e is not OperationCanceledException)
                {
                    Console.Error.WriteLine($"{settings.Model} cannot be served: {e.Message}");
                    before.Save(options.Data);
                    before = null;
                    SayAgain();
                    continue;
                }

                await using (daemon)
                {
                    again = await ServeAsync(daemon, options, folder, page, exclude, cancellationToken);
                }

                (before, folder) = (settings, null);
                if (again)
                {
                    SayAgain();
                }
            }
        }

        return 0;

        void SayAgain() => Console.Error.WriteLine($"Starting again with {Settings.Read(options.Data).Model ?? ModelCatalog.Default} ...");
    }

    /// <returns>To be started again; false: stopped.</returns>
    private static async Task<bool> ServeAsync(
        Daemon daemon, CommonOptions options, string? folder, IPEndPoint page, string[]? exclude, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = daemon.ModelChosen.ContinueWith(_ => stop.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Console.Error.WriteLine($"Sightline is at http://{page}   (Ctrl-C stops it)");
        await using var session = Session.Around(options.Data);
        try
        {
            if (folder is not null)
            {
                await IndexCommand.IndexAsync(session, folder, exclude, cancels: false, options, stop.Token);
                Console.Error.WriteLine($"Search it at http://{page}");
            }

            await EmbedAnewAsync(session, stop.Token);
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Console.Error.WriteLine("Stopping ...");
                return false;
            }
        }

        return true;
    }

    // Pictures that the model has not seen, as after a change of the model, are searchable once their folders are gone through again.
    private static async Task EmbedAnewAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            var status = await session.GetAsync<StatusResponse>("/api/status", cancellationToken);
            if (status.Catalog.Embedded < status.Catalog.Images)
            {
                foreach (var root in status.Roots.Where(r => Directory.Exists(r.Path)))
                {
                    await session.PostAsync<JobDto>("/api/jobs", new JobRequest(IndexRequest.Kind, root.Path), cancellationToken);
                }
            }
        }
        catch (CommandException e)
        {
            // The server is up and worth having without it.
            Console.Error.WriteLine($"Whether the model has seen all pictures is not known: {e.Message}");
        }
    }

    // A server runs on this data folder already: index there, and say where it is.
    private static async Task<int> JoinAsync(CommonOptions options, string? folder, string[]? exclude, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(options, cancellationToken);
        if (folder is not null)
        {
            await IndexCommand.IndexAsync(session, folder, exclude, cancels: true, options, cancellationToken);
        }

        var status = await session.GetAsync<StatusResponse>("/api/status", cancellationToken);
        var address = DaemonLock.ReadAddress(options.Data);
        Console.Error.WriteLine(address is null
            ? $"Another command is at work on {options.Data.Root} ({status.Indexed} pictures); start the server once it has ended."
            : $"Sightline already runs at {address}, with {status.Indexed} pictures.");
        return address is null ? 1 : 0;
    }

    private static IPEndPoint Endpoint(string address, int port)
    {
        if (!IPAddress.TryParse(address == "localhost" ? "127.0.0.1" : address, out var parsed))
        {
            throw new CommandException($"{address} is no IP address.");
        }

        return port is > 0 and < 65536 ? new IPEndPoint(parsed, port) : throw new CommandException($"{port} is no port.");
    }
}
