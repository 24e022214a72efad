using Sightline.TestKit;

namespace Sightline.Cli.Tests;

public sealed class NativeLibraryTests
{
    /// <summary>libvips' modules let every library see a Brotli of another version: the runtime's must have bound itself before.</summary>
    [Fact]
    public async Task The_runtime_calls_its_own_Brotli_once_libvips_is_there()
    {
        using var folder = new TemporaryFolder();
        var bindings = folder.PathOf("bindings");
        await using (var draw = SightlineProcess.Start(
            folder.PathOf("data"), [("LD_DEBUG", "bindings"), ("LD_DEBUG_OUTPUT", bindings)],
            "demo-data", "1", "--out", folder.PathOf("pictures")))
        {
            Assert.Equal(0, await draw.ExitAsync());
        }

        // Such as: binding file A [0] to B [0]: normal symbol `BrotliDecoderDecompressStream'
        var calls = Directory.GetFiles(folder.Path, "bindings.*").SelectMany(File.ReadLines)
            .Where(line => line.Contains("`Brotli", StringComparison.Ordinal)
                && line.Contains("binding file /", StringComparison.Ordinal)
                && line[..line.IndexOf(" to ", StringComparison.Ordinal)].Contains("libSystem.IO.Compression.Native", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(calls);
        Assert.All(calls, line =>
            Assert.Contains("libSystem.IO.Compression.Native", line[line.IndexOf(" to ", StringComparison.Ordinal)..], StringComparison.Ordinal));
    }
}
