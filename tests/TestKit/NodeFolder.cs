using System.Diagnostics;
using Xunit;

namespace Sightline.TestKit;

/// <summary>Packages of npm in a folder of their own, and scripts that use them.</summary>
public sealed class NodeFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new(passable: true);

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();

    public string PathOf(string file) => _folder.PathOf(file);

    /// <param name="packages">Such as <c>openai@5.23.2</c>.</param>
    public Task InstallAsync(params string[] packages) => RunAsync("npm", ["install", .. packages, "--no-audit", "--no-fund", "--loglevel=error"]);

    /// <summary>Runs a script of JavaScript; what it printed.</summary>
    public async Task<string> RunScriptAsync(string script, params string[] arguments)
    {
        await File.WriteAllTextAsync(PathOf("script.mjs"), script);
        return await RunAsync("node", ["script.mjs", .. arguments]);
    }

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }
}
