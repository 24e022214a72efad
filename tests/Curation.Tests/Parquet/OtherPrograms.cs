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

    private readonly NodeFolder _node = new();

    public Task InitializeAsync() => _node.InstallAsync(Packages);

    public Task DisposeAsync()
    {
        _node.Dispose();
        return Task.CompletedTask;
    }

    internal string PathOf(string file) => _node.PathOf(file);

    /// <summary>Runs a script of JavaScript that prints one JSON value.</summary>
    internal async Task<JsonElement> RunScriptAsync(string script, params string[] arguments) =>
        JsonElement.Parse(await _node.RunScriptAsync(script, arguments));
}
