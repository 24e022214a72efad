using System.Diagnostics;
using System.Text.Json;

namespace Sightline.Curation.Tests.Export;

/// <summary>Reads exports with Python's own modules and NumPy: Debian's python3 and python3-numpy, which <c>./test</c> installs.</summary>
internal static class Python
{
    /// <summary>Runs a script that prints one JSON value.</summary>
    internal static async Task<JsonElement> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonElement.Parse(output);
    }
}
