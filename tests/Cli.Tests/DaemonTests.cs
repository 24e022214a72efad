using System.Globalization;
using System.Net;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>The built program on data folders of its own: who becomes the daemon, who forwards, and what a kill leaves behind.</summary>
public sealed class DaemonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(passable: true);

    private string Data => _folder.PathOf("data");

    private string Pictures => _folder.PathOf("pictures");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_become_the_daemon_when_none_runs_and_leave_nothing_running()
    {
        Draw(12);
        var indexed = await JsonAsync("index", Pictures, "--json");
        Assert.Equal("succeeded", indexed.GetProperty("state").GetString());
        Assert.Equal(12, indexed.GetProperty("progress").GetProperty("counts").GetProperty("added").GetInt64());

        var again = await JsonAsync("index", Pictures, "--json");
        Assert.Equal(12, again.GetProperty("progress").GetProperty("counts").GetProperty("unchanged").GetInt64());

        var hits = (await JsonAsync("search", "something", "--limit", "5", "--json")).GetProperty("hits");
        Assert.Equal(5, hits.GetArrayLength());
        var similar = (await JsonAsync("similar", Path.Combine(Pictures, "3.png"), "-n", "1", "--json")).GetProperty("hits")[0];
        Assert.Equal("3.png", similar.GetProperty("path").GetString());
        var byId = (await JsonAsync("similar", similar.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture), "--json")).GetProperty("hits");
        Assert.Equal(11, byId.GetArrayLength());

        var inFolder = (await JsonAsync("search", "something", "--in", Pictures, "--json")).GetProperty("hits");
        Assert.Equal(12, inFolder.GetArrayLength());
        var elsewhere = await SightlineProcess.RunAsync(Data, "search", "something", "--in", "/etc");
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.Contains("/etc is not indexed", elsewhere.Errors, StringComparison.Ordinal);

        File.Copy(Path.Combine(Pictures, "3.png"), Path.Combine(Pictures, "copy.png"));
        await JsonAsync("index", Pictures, "--json");
        var group = (await JsonAsync("duplicates", "--above", "0.99999", "--json")).GetProperty("images").EnumerateArray();
        Assert.Equal(["3.png", "copy.png"], group.Select(i => i.GetProperty("path").GetString()).Order());

        var vector = (await JsonAsync("embed", "a dog", "--image", Path.Combine(Pictures, "1.png"), "--json")).GetProperty("data");
        Assert.Equal(2, vector.GetArrayLength());
        Assert.Equal(1, vector[0].GetProperty("embedding").EnumerateArray().Sum(v => v.GetDouble() * v.GetDouble()), 4);
        Assert.False(File.Exists(Path.Combine(Data, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task Commands_forward_to_a_server_that_runs_and_Ctrl_C_stops_all_of_it()
    {
        Draw(6);
        await using var server = await ServeAsync();
        var status = await JsonAsync("db", "status", "--json");
        Assert.Equal(6, status.GetProperty("indexed").GetInt32());
        Assert.Single((await JsonAsync("search", "anything", "-n", "1", "--json")).GetProperty("hits").EnumerateArray());

        // A second serve on the same folder says where the first one is.
        var second = await SightlineProcess.RunAsync(Data, "serve");
        Assert.Equal(0, second.ExitCode);
        Assert.Contains("already runs at http://127.0.0.1:", second.Errors, StringComparison.Ordinal);

        Assert.Equal(0, await server.InterruptAsync());
        Assert.False(File.Exists(Path.Combine(Data, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task A_server_whose_indexing_fails_says_why_and_serves_on()
    {
        Draw(2);
        await SightlineProcess.RunAsync(Data, "index", Pictures);
        Directory.Delete(Path.Combine(Data, "thumbnails"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(Data, "thumbnails"), "in the way");
        Draw(4);

        await using var server = await ServeAsync();

        Assert.Contains("thumbnails", server.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await JsonAsync("db", "status", "--json")).GetProperty("indexed").GetInt32());
        var again = await SightlineProcess.RunAsync(Data, "index", Pictures, "--json");
        Assert.Equal(1, again.ExitCode);
        Assert.Equal("failed", JsonElement.Parse(again.Output).GetProperty("state").GetString());
        Assert.Equal(0, await server.InterruptAsync());
    }

    [Fact]
    public async Task Two_commands_that_start_at_once_both_succeed()
    {
        Draw(4);
        var both = await Task.WhenAll(
            SightlineProcess.RunAsync(Data, "index", Pictures, "--json"), SightlineProcess.RunAsync(Data, "index", Pictures, "--json"));

        Assert.All(both, run => Assert.True(run.ExitCode == 0, run.Errors));
        Assert.Equal(4, (await JsonAsync("db", "status", "--json")).GetProperty("catalog").GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task A_kill_at_any_moment_of_indexing_loses_and_doubles_nothing()
    {
        Draw(160);
        var random = new Random(7);
        var rounds = int.Parse(Environment.GetEnvironmentVariable("SIGHTLINE_KILLS") ?? "4", CultureInfo.InvariantCulture);
        long acknowledged = 0;
        for (var round = 0; round < rounds; round++)
        {
            var killed = SightlineProcess.Start(Data, "index", Pictures);
            await Task.WhenAny(killed.WaitForAsync("files in"), Task.Delay(random.Next(200, 2500)));
            await killed.KillAsync();

            // A new command adopts or restarts PostgreSQL; what was counted once is there for good.
            var seen = (await JsonAsync("db", "status", "--json")).GetProperty("catalog").GetProperty("embedded").GetInt64();
            Assert.True(seen >= acknowledged, $"{acknowledged} pictures were stored, {seen} are left");
            acknowledged = seen;
        }

        var finished = await SightlineProcess.RunAsync(Data, "index", Pictures, "--json");
        Assert.True(finished.ExitCode == 0, finished.Errors);
        var status = await JsonAsync("db", "status", "--json");
        Assert.Equal(160, status.GetProperty("catalog").GetProperty("images").GetInt64());
        Assert.Equal(160, status.GetProperty("catalog").GetProperty("embedded").GetInt64());
        Assert.Equal(160, status.GetProperty("indexed").GetInt64());
        var paths = (await JsonAsync("search", "all", "-n", "1000", "--json")).GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("path").GetString()).ToList();
        Assert.Equal(160, paths.Distinct().Count());
        Assert.Equal(160, paths.Count);
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_sentence()
    {
        await FailsAsync("There is no folder", "index", _folder.PathOf("nowhere"));
        await FailsAsync("sightline keys create", "serve", "--bind", "0.0.0.0");
        await FailsAsync("There is no model nothing", "search", "x", "--model", "nothing");
        await FailsAsync("no CUDA device", "search", "x", "--device", "cuda");
        await FailsAsync("neither a file nor the id", "similar", "nothing.jpg");
    }

    [Fact]
    public async Task Models_are_listed_and_verified()
    {
        var models = await JsonAsync("models", "list", "--json");
        Assert.Equal("sightline-clip-0", models[0].GetProperty("name").GetString());

        var expected = Path.Combine(Repository.Root, "tests", "Golden", "sightline-clip-0-expected.safetensors");
        var verified = await SightlineProcess.RunAsync(Data, "models", "verify", "sightline-clip-0", "--expected", expected);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        Assert.Contains("image_features", verified.Output, StringComparison.Ordinal);

        // A name that the model cannot give is a failure, not a tensor passed over.
        var wrong = _folder.PathOf("wrong.safetensors");
        var bytes = await File.ReadAllBytesAsync(expected);
        bytes[bytes.AsSpan().IndexOf("image_features"u8)] = (byte)'j';
        await File.WriteAllBytesAsync(wrong, bytes);
        var refused = await SightlineProcess.RunAsync(Data, "models", "verify", "sightline-clip-0", "--expected", wrong);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("gives no jmage_features", refused.Output, StringComparison.Ordinal);
    }

    private async Task FailsAsync(string message, params string[] arguments)
    {
        var run = await SightlineProcess.RunAsync(Data, arguments);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    private async Task<SightlineProcess> ServeAsync()
    {
        var server = SightlineProcess.Start(Data, "serve", Pictures, "--port", SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture));
        await server.WaitForAsync("Search it at");
        return server;
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (exit, output, errors) = await SightlineProcess.RunAsync(Data, arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {errors}");
        return JsonElement.Parse(output);
    }

    private void Draw(int count)
    {
        Directory.CreateDirectory(Pictures);
        for (var i = 0; i < count; i++)
        {
            var pixels = new byte[96 * 72 * 3];
            new Random(i).NextBytes(pixels.AsSpan(0, pixels.Length / (i % 3 + 1)));
            File.WriteAllBytes(Path.Combine(Pictures, $"{i}.png"), ImageEncoder.EncodePng(new RgbImage(96, 72, pixels)));
        }
    }
}
