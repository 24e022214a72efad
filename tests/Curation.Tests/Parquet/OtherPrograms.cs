using System.Diagnostics;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>DuckDB, arrow-rs (as WebAssembly) and hyparquet from npm, in a folder of their own: three readers of which none is ours.</summary>
public sealed class OtherPrograms : IAsyncLifetime
{
    private static readonly string[] Packages =
    [
        "@duckdb/node-api@1.5.6-r.1", "parquet-wasm@0.8.0", "apache-arrow@21.2.0", "hyparquet@1.31.5", "hyparquet-compressors@1.1.2",
    ];

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync() =>
        await RunAsync("npm", ["install", .. Packages, "--no-audit", "--no-fund", "--loglevel=error"]);

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    internal string PathOf(string file) => _folder.PathOf(file);

    /// <summary>Runs a script of JavaScript that prints one JSON value.</summary>
    internal async Task<JsonElement> RunScriptAsync(string script, params string[] arguments)
    {
        await File.WriteAllTextAsync(PathOf("script.mjs"), script);
        return JsonDocument.Parse(await RunAsync("node", ["script.mjs", .. arguments])).RootElement;
    }

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }
}
