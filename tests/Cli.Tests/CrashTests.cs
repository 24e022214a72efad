using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>The bench that kills, for a few rounds; SIGHTLINE_KILLS raises them.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Kill_9_while_the_index_is_written_built_and_stored_loses_nothing_and_doubles_nothing()
    {
        using var folder = new TemporaryFolder(passable: true);
        var rounds = Environment.GetEnvironmentVariable("SIGHTLINE_KILLS") ?? "20";

        var (exit, output, errors) = await SightlineProcess.RunAsync(folder.PathOf("data"), "bench", "crash", "--rounds", rounds, "--seed", "7");

        Assert.True(exit == 0, output + errors);
        Assert.Contains($"round {rounds} of {rounds}", output, StringComparison.Ordinal);
        Assert.Contains($"crash_rounds {rounds}", output, StringComparison.Ordinal);
    }
}
