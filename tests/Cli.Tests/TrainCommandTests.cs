using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>What <c>train</c> refuses before it begins; what it trains is tested where the kinds of training are.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("There is no training nonsense; there are: ", "nonsense")]
    [InlineData("A run is called as its folder", "nonsense", "--out", "a", "--name", "b")]
    [InlineData("not ../b.", "nonsense", "--name", "../b")]
    public async Task What_cannot_be_is_told_in_a_sentence(string message, params string[] arguments)
    {
        File.WriteAllText(_folder.PathOf("config.yaml"), "steps: 1");

        var (exit, _, errors) = await SightlineProcess.RunAsync(
            _folder.PathOf("data"), ["train", .. arguments, "--config", _folder.PathOf("config.yaml")]);

        Assert.Equal(1, exit);
        Assert.StartsWith("sightline: ", errors);
        Assert.Contains(message, errors, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.GetFiles(_folder.PathOf("data"), "run.json", SearchOption.AllDirectories));
    }
}
