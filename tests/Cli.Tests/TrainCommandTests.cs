using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>What <c>train</c> refuses before it begins; what it trains is tested where the kinds of training are.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model.tokenizer has no vocab.json", "model: {tokenizer: none}\nsteps: 1\ndata: [{path: none}]")]
    [InlineData("Give either steps or epochs", "data: [{path: none}]")]
    [InlineData("A configuration is a mapping", "[1, 2]")]
    public async Task A_configuration_that_cannot_be_is_told_in_a_sentence(string message, string config)
    {
        File.WriteAllText(_folder.PathOf("config.yaml"), config);

        await AssertRefusedAsync(message, "clip", "--config", _folder.PathOf("config.yaml"));
    }

    [Theory]
    [InlineData("A run is called as its folder", "--out", "a", "--name", "b")]
    [InlineData("not ../b.", "--name", "../b")]
    [InlineData("There is no configuration")]
    public async Task What_cannot_be_is_told_in_a_sentence(string message, params string[] arguments) =>
        await AssertRefusedAsync(message, ["clip", .. arguments, "--config", _folder.PathOf("nothing.yaml")]);

    [Fact]
    public async Task A_vocabulary_is_learned_from_the_captions_of_a_folder()
    {
        Directory.CreateDirectory(_folder.PathOf("pictures"));
        for (var i = 0; i < 3; i++)
        {
            File.WriteAllBytes(_folder.PathOf($"pictures/{i}.png"), ImageEncoder.EncodePng(new RgbImage(2, 2, [.. Enumerable.Repeat((byte)(i * 40), 12)])));
            File.WriteAllText(_folder.PathOf($"pictures/{i}.txt"), "red apple, red apple");
        }

        File.WriteAllText(_folder.PathOf("config.yaml"), "data: [{path: pictures}]\ntokenizer: {merges: 4}");

        var (exit, output, errors) = await SightlineProcess.RunAsync(
            _folder.PathOf("data"), "train", "tokenizer", "--config", _folder.PathOf("config.yaml"), "--out", _folder.PathOf("vocabulary"));

        Assert.True(exit == 0, errors);
        Assert.Contains("4 merges from 3 captions of 3 words", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.PathOf("vocabulary/vocab.json")) && File.Exists(_folder.PathOf("vocabulary/merges.txt")));
    }

    private async Task AssertRefusedAsync(string message, params string[] arguments)
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(_folder.PathOf("data"), ["train", .. arguments]);

        Assert.Equal(1, exit);
        Assert.StartsWith("sightline: ", errors.Split('\n')[^1]);
        Assert.Contains(message, errors, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.Exists(_folder.PathOf("data")) ? Directory.GetFiles(_folder.PathOf("data"), "run.json", SearchOption.AllDirectories) : []);
    }
}
