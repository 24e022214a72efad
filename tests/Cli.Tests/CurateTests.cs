using System.Globalization;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>From a heap of pairs to a training set by commands, as a person types them.</summary>
public sealed class CurateTests : IDisposable
{
    private const string Recipe = """
        filters:
          - caption_length: {min_words: 3}
          - image_size: {max_aspect: 2}
          - exact_duplicate_captions
        """;

    private readonly TemporaryFolder _folder = new(passable: true);

    private string Data => _folder.PathOf("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pairs_are_imported_filtered_looked_at_kept_by_hand_exported_and_verified()
    {
        var pairs = WritePairs(("a red square on white", 40, 40), ("dog", 40, 40), ("a wide banner for a page", 90, 30), ("a red square on white", 50, 40), ("", 40, 40));
        var dataset = await JsonAsync("curate", "import", pairs, "--name", "squares", "--json");
        Assert.Equal(4, dataset.GetProperty("pairs").GetInt64());
        Assert.Equal(1, dataset.GetProperty("faults").GetProperty("no_caption").GetInt64());
        Assert.Equal(4, dataset.GetProperty("statistics").GetProperty("measured").GetInt64());

        var dry = await JsonAsync("curate", "run", "squares", "--recipe", WriteRecipe(Recipe), "--dry-run", "--json");
        var run = await JsonAsync("curate", "run", "squares", "--recipe", WriteRecipe(Recipe), "--json");
        var report = run.GetProperty("report");
        Assert.Equal((1, 0), (dry.GetProperty("report").GetProperty("kept").GetInt64(), dry.GetProperty("notCounted").GetArrayLength()));
        Assert.Equal(1, report.GetProperty("kept").GetInt64());
        Assert.Equal(
            ["caption_length.few_words 1", "exact_duplicate_captions.copy 1", "image_size.aspect 1"],
            report.GetProperty("steps").EnumerateArray().SelectMany(s => s.GetProperty("reasons").EnumerateArray())
                .Select(r => $"{r.GetProperty("code").GetString()} {r.GetProperty("pairs").GetInt64()}").Order());

        var id = run.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        var copies = (await JsonAsync("curate", "pairs", "squares", "--run", id, "--reason", "exact_duplicate_captions.copy", "--json")).GetProperty("pairs");
        Assert.Equal((3, 0), (copies[0].GetProperty("row").GetInt64(), copies[0].GetProperty("twin").GetInt64()));
        await JsonAsync("curate", "decide", "squares", "keep", "1", "--json");
        await JsonAsync("curate", "decide", "squares", "drop", "0", "--json");

        var export = await JsonAsync("curate", "export", id, _folder.PathOf("out"), "--format", "imagefolder", "--json");
        Assert.Equal(1, export.GetProperty("counts").GetProperty("exported").GetInt64());
        var metadata = Directory.GetFiles(_folder.PathOf("out"), "metadata.jsonl", SearchOption.AllDirectories).Single();
        Assert.Equal("dog", JsonElement.Parse(File.ReadAllText(metadata)).GetProperty("text").GetString());
        var (_, table, _) = await SightlineProcess.RunAsync(Data, "curate", "export", id, _folder.PathOf("verdicts"), "--format", "verdicts");
        Assert.Contains("Verdicts on 4 pairs: 1 kept, 3 dropped.", table, StringComparison.Ordinal);
        var again = await JsonAsync("curate", "export", id, _folder.PathOf("verdicts"), "--format", "verdicts", "--json");
        Assert.StartsWith("Verdicts on 4 pairs, 1 of them kept, in", again.GetProperty("job").GetProperty("summary").GetString(), StringComparison.Ordinal);
        await JsonAsync("curate", "export", id, _folder.PathOf("table"), "--format", "csv", "--json");
        var back = await JsonAsync("curate", "import", _folder.PathOf("table"), "--name", "back", "--json");
        Assert.Equal((1, 1), (back.GetProperty("pairs").GetInt64(), back.GetProperty("statistics").GetProperty("measured").GetInt64()));
        Assert.Empty(back.GetProperty("faults").EnumerateObject());
        await SightlineProcess.RunAsync(Data, "curate", "delete", "back");
        var verified = await JsonAsync("curate", "verify", _folder.PathOf("out"), "--json");
        Assert.Equal((0, 1), (verified.GetProperty("problemCount").GetInt64(), verified.GetProperty("pairs").GetInt64()));

        File.AppendAllText(metadata, "\n");
        var (exit, output, _) = await SightlineProcess.RunAsync(Data, "curate", "verify", _folder.PathOf("out"));
        Assert.Equal(1, exit);
        Assert.Contains("metadata.jsonl", output, StringComparison.Ordinal);

        await JsonAsync("curate", "import", pairs, "--name", "others", "--json");
        await FailsAsync($"Run {id} is of squares, not of others", "curate", "delete", "others", "--run", id);
        await FailsAsync($"Run {id} is of squares, not of others", "curate", "pairs", "others", "--run", id);
        Assert.Equal(id, (await JsonAsync("curate", "report", id, "--json")).GetProperty("id").ToString());
        await SightlineProcess.RunAsync(Data, "curate", "delete", "others");
        await SightlineProcess.RunAsync(Data, "curate", "delete", "squares");
        Assert.Empty((await JsonAsync("curate", "list", "--json")).GetProperty("datasets").EnumerateArray());
        Assert.Empty(Directory.GetDirectories(Path.Combine(Data, "curation", "datasets")));
        Assert.Empty(Directory.GetDirectories(Path.Combine(Data, "curation", "runs")));
    }

    [Fact]
    public async Task The_catalogue_is_a_dataset_too()
    {
        var pictures = Path.GetDirectoryName(WritePairs(("a red square on white", 40, 40), ("dog", 60, 40)))!;
        File.WriteAllText(Path.Combine(pictures, "0.txt"), "a square, indexed with this text");
        await JsonAsync("index", pictures, "--json");

        var dataset = await JsonAsync("curate", "import", "catalogue", "--measure", "clip", "--json");
        var found = (await JsonAsync("curate", "pairs", "catalogue", "--json")).GetProperty("pairs");

        Assert.Equal(2, dataset.GetProperty("statistics").GetProperty("embedded").GetInt64());
        Assert.Equal(["", "a square, indexed with this text"], found.EnumerateArray().Select(p => p.GetProperty("caption").GetString()).Order());

        // What has no caption is like nothing.
        var captioned = found.EnumerateArray().Single(p => p.GetProperty("caption").GetString() != "");
        Assert.InRange(captioned.GetProperty("similarity").GetDouble(), -1, 1);
    }

    [Fact]
    public async Task An_import_and_a_run_outlive_the_server_that_is_killed()
    {
        const int Pairs = 450_000;
        var table = _folder.PathOf("pairs.tsv");
        await File.WriteAllLinesAsync(table, Enumerable.Range(0, Pairs).Select(i => $"a dog number {i} runs on the wide green grass\thttp://example.org/{i}.jpg").Prepend("caption\turl"));
        var pictures = Directory.CreateDirectory(_folder.PathOf("pictures")).FullName;

        // A port each time: what was free may be another's once the server is gone.
        string[] Serve() => ["serve", pictures, "--port", SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture)];
        await using (var server = SightlineProcess.Start(Data, Serve()))
        {
            await server.WaitForAsync("Search it at");
            await using var import = SightlineProcess.Start(Data, "curate", "import", table, "--name", "many");
            var first = Path.Combine(Data, "curation", "datasets", "1", "facts-00000.bin");
            await UntilAsync(() => Task.FromResult(File.Exists(first)));
            await server.KillAsync();
            await import.ExitAsync();
        }

        await using (var server = SightlineProcess.Start(Data, Serve()))
        {
            await server.WaitForAsync("Search it at");
            await UntilAsync(async () => (await JsonAsync("curate", "list", "--json")).GetProperty("datasets")[0].TryGetProperty("importedAt", out var at) && at.ValueKind == JsonValueKind.String);
            await using var run = SightlineProcess.Start(Data, "curate", "run", "many", "--recipe", WriteRecipe("filters: [caption_length: {min_words: 3}, exact_duplicate_captions]"));
            await UntilAsync(() => Task.FromResult(Directory.Exists(Path.Combine(Data, "curation", "runs", "1"))));
            await server.KillAsync();
            await run.ExitAsync();
        }

        await using var last = SightlineProcess.Start(Data, Serve());
        await last.WaitForAsync("Search it at");
        await UntilAsync(async () => (await JsonAsync("curate", "report", "1", "--json")).TryGetProperty("report", out var done) && done.ValueKind == JsonValueKind.Object);
        var report = (await JsonAsync("curate", "report", "1", "--json")).GetProperty("report");

        // None lost, and none twice: that would be a duplicate.
        Assert.Equal((Pairs, Pairs), (report.GetProperty("pairs").GetInt64(), report.GetProperty("kept").GetInt64()));
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_sentence()
    {
        var pairs = WritePairs(("a red square on white", 40, 40));
        await JsonAsync("curate", "import", pairs, "--name", "squares", "--json");

        await FailsAsync("nowhere", "curate", "import", _folder.PathOf("nowhere"));
        await FailsAsync("There is a dataset squares already", "curate", "import", pairs, "--name", "squares");
        await FailsAsync("--column is such as caption=alt_text", "curate", "import", pairs, "--name", "b", "--column", "captions");
        await FailsAsync("There is no dataset nothing", "curate", "run", "nothing", "--preset", "dalle");
        await FailsAsync("There is no preset nothing; there are datacomp-basic", "curate", "run", "squares", "--preset", "nothing");
        await FailsAsync("Give a recipe", "curate", "run", "squares");
        await FailsAsync("caption_length has no setting words", "curate", "run", "squares", "--recipe", WriteRecipe("filters: [caption_length: {words: 3}]"));
        await FailsAsync("there is no file", "curate", "run", "squares", "--recipe", WriteRecipe("filters: [word_list: {deny_file: absent.txt}]"));
        await FailsAsync("There is no run 99", "curate", "export", "99", _folder.PathOf("out"));
        await FailsAsync("holds no export", "curate", "verify", _folder.Path);
    }

    private async Task FailsAsync(string message, params string[] arguments)
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(Data, arguments);
        Assert.True(exit == 1, $"{string.Join(' ', arguments)}: {exit}");
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (exit, output, errors) = await SightlineProcess.RunAsync(Data, arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {errors}");
        return JsonElement.Parse(output);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private string WriteRecipe(string recipe)
    {
        File.WriteAllText(_folder.PathOf("recipe.yaml"), recipe);
        return _folder.PathOf("recipe.yaml");
    }

    // As Hugging Face's imagefolder: pictures, and a table that names them.
    private string WritePairs(params (string Caption, int Width, int Height)[] pairs)
    {
        var folder = Directory.CreateDirectory(_folder.PathOf("pairs")).FullName;
        foreach (var (number, (_, width, height)) in pairs.Index())
        {
            var pixels = new byte[width * height * 3];
            new Random(number).NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(folder, $"{number}.png"), ImageEncoder.EncodePng(new RgbImage(width, height, pixels)));
        }

        var table = Path.Combine(folder, "metadata.jsonl");
        File.WriteAllLines(table, pairs.Index().Select(p => JsonSerializer.Serialize(new { file_name = $"{p.Index}.png", text = p.Item.Caption })));
        return table;
    }
}
