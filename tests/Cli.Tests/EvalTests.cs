using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>Every evaluation once, as whoever types it sees it.</summary>
public sealed class EvalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Labelled => _folder.PathOf("labelled");

    private string Captioned => _folder.PathOf("captioned");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Classes_and_captions_are_measured_by_the_bundled_model()
    {
        ColourFolder.Write(Labelled, 60, captions: false);
        ColourFolder.Write(Captioned, 90, captions: true);

        var zeroShot = await JsonAsync("zeroshot", "--on", Labelled, "--template", "a {} picture");
        Assert.Equal(60, zeroShot.GetProperty("pictures").GetInt32());
        Assert.Equal(3, zeroShot.GetProperty("variants").GetArrayLength());
        var probe = await JsonAsync("probe", "--on", Labelled, "--share", "0.2", "--shots", "1", "--draws", "2");
        Assert.Equal(1, probe.GetProperty("top1").GetProperty("share").GetDouble());
        var retrieval = await JsonAsync("retrieval", "--on", Captioned);
        Assert.Equal("en", retrieval.GetProperty("languages")[0].GetProperty("language").GetString());
        var unmatched = await JsonAsync("unmatched", "--on", Captioned, "--share", "0.3");
        Assert.InRange(unmatched.GetProperty("figures").GetProperty("againstChance").GetProperty("auc").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task A_generator_is_measured_with_a_sheet_to_look_at()
    {
        ColourFolder.Write(Captioned, 12, captions: true);
        var model = _folder.PathOf("tiny");
        TinyDalle.Write(model);

        var dvae = await JsonAsync("dvae", "--on", Captioned, "--model", model, "--side", "12", "--sheet", _folder.PathOf("dvae.png"));
        Assert.Equal(12, dvae.GetProperty("pictures").GetInt32());
        var generation = await JsonAsync(
            "generation", "--on", Captioned, "--model", model, "--captions", "2", "--pictures", "2", "--sheet", _folder.PathOf("generation.png"));
        Assert.Equal(12, generation.GetProperty("choices").GetInt32());
        Assert.True(new FileInfo(_folder.PathOf("dvae.png")).Length > 100 && new FileInfo(_folder.PathOf("generation.png")).Length > 100);
        var (exit, table, _) = await RunAsync("dvae", "--on", Captioned, "--model", model, "--side", "12");
        Assert.Equal(0, exit);
        Assert.Contains("Codes used", table, StringComparison.Ordinal);
        var (refused, _, errors) = await RunAsync(
            "generation", "--on", Captioned, "--model", model, "--captions", "2", "--rerank", "sightline-clip-0");
        Assert.Equal(1, refused);
        Assert.Contains("cannot judge", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_tells_what_to_measure_by_and_a_probe_is_trained_of_it()
    {
        ColourFolder.Write(Labelled, 60, captions: false);
        var config = _folder.PathOf("eval.yaml");
        File.WriteAllText(config, "data: [{path: labelled/labels.tsv, columns: {label: label}}]\npack: {fit: squash}\n");

        var zeroShot = await JsonAsync("zeroshot", "--config", config, "--template", "a {} picture");
        Assert.Equal(60, zeroShot.GetProperty("pictures").GetInt32());
        File.AppendAllText(config, "model: sightline-clip-0\nheld_out: 0.2\nshots: [1]\n");
        var (exit, output, errors) = await SightlineProcess.RunAsync(_folder.PathOf("data"), "train", "probe", "--config", config);
        Assert.True(exit == 0, errors);
        Assert.Contains("steps are done", output, StringComparison.Ordinal);
        Assert.Contains("test_accuracy 1", errors, StringComparison.Ordinal);

        foreach (var (message, arguments) in new (string, string[])[]
        {
            ("model is unknown here", ["--config", config]), ("either --on or --config", []),
            ("--on: ", ["--on", _folder.PathOf("nowhere.zip")]), ("--split goes with --on", ["--config", config, "--split", "val"]),
        })
        {
            var (refused, _, sentence) = await RunAsync(["zeroshot", .. arguments]);
            Assert.Equal(1, refused);
            Assert.StartsWith("sightline: ", sentence, StringComparison.Ordinal);
            Assert.Contains(message, sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("\n", sentence, StringComparison.Ordinal);
        }
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync([.. arguments, "--json"]);
        Assert.True(exit == 0, errors);
        return JsonElement.Parse(output);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        SightlineProcess.RunAsync(_folder.PathOf("data"), ["eval", .. arguments]);
}
