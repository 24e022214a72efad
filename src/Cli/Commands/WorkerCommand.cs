using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Indexer;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Cli.Commands;

/// <summary><c>worker</c>: a process that helps a server with its index jobs, until Ctrl-C.</summary>
internal static class WorkerCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    internal static Command Create()
    {
        var command = new Command(
            "worker", "Help a server index: of the same data folder, or of a database named with --database whose folders this machine sees under the same paths.");
        command.SetAction((parsed, cancellationToken) => RunAsync(CommonOptions.Read(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommonOptions options, CancellationToken cancellationToken)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddLines(options);
        await using var database = await builder.Services.AddCatalogAsync(new SearchOptions(options.Data, options.Database), cancellationToken);
        using var embedder = Daemon.LoadModel(options, cancellationToken);
        builder.Services.AddSingleton<IEmbedder>(embedder);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DeviceQueue>();
        builder.Services.AddIndexWorker();
        using var host = builder.Build();
        using var export = Observability.Export();
        await host.StartAsync(cancellationToken);
        await Console.Error.WriteLineAsync($"Helping with {embedder.Space.Model}   (Ctrl-C stops it)");
        var progress = host.Services.GetRequiredService<WorkerProgress>();
        var (told, toldAt) = (0L, TimeProvider.System.GetTimestamp());

        // A failure that is none of the database's, such as a full disk, stops the host by itself, and has been logged.
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        while (!cancellationToken.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = progress.Read();
            if (now.Done > told && (told == 0 || TimeProvider.System.GetElapsedTime(toldAt) >= LineEvery))
            {
                (told, toldAt) = (now.Done, TimeProvider.System.GetTimestamp());
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{now.Done:N0} files, {now.Rate:F0} images/s"));
            }
        }

        await host.StopAsync(CancellationToken.None);
        return cancellationToken.IsCancellationRequested ? 0 : 1;
    }
}
