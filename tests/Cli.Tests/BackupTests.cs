using System.Globalization;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>The built program backs up and restores a real private cluster.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(passable: true);

    private string Data => _folder.PathOf("data");

    private string File => _folder.PathOf("catalogue.backup");

    public async Task InitializeAsync()
    {
        await RunAsync(Data, "demo-data", "120", "--out", _folder.PathOf("pictures"), "--seed", "5");
        await RunAsync(Data, "index", _folder.PathOf("pictures"));
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_backup_restored_elsewhere_gives_the_same_searches()
    {
        // Names and prompts that the short form of a set could not hold.
        const string Set = """{"labels": [{"name": "star", "threshold": 0.05}, {"name": "#1: heart", "prompts": ["a heart | a valentine", "love"]}], "templates": ["{}", "a drawing of {}."]}""";
        await System.IO.File.WriteAllTextAsync(_folder.PathOf("labels.json"), Set);
        await RunAsync(Data, "labels", "import", "shapes", _folder.PathOf("labels.json"));
        await RunAsync(Data, "tag", "run", "shapes", "--threshold", "0.1");
        await RunAsync(Data, "db", "backup", File);
        var before = await SearchAsync(Data);

        await RunAsync(_folder.PathOf("other"), "db", "restore", File);

        Assert.Equal(before, await SearchAsync(_folder.PathOf("other")));
        var exported = await RunAsync(_folder.PathOf("other"), "labels", "export", "shapes");
        await System.IO.File.WriteAllTextAsync(_folder.PathOf("exported.json"), exported);
        await RunAsync(_folder.PathOf("other"), "labels", "import", "again", _folder.PathOf("exported.json"));
        Assert.Equal(exported, (await RunAsync(_folder.PathOf("other"), "labels", "export", "again")).Replace("again", "shapes", StringComparison.Ordinal));
        Assert.Contains("a heart | a valentine", exported, StringComparison.Ordinal);
        Assert.Contains("0.05", exported, StringComparison.Ordinal);
        Assert.Equal(
            JsonDocument.Parse(await RunAsync(Data, "db", "status", "--json")).RootElement.GetProperty("catalog").GetProperty("images").GetInt32(),
            JsonDocument.Parse(await RunAsync(_folder.PathOf("other"), "db", "status", "--json")).RootElement.GetProperty("catalog").GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task A_backup_is_one_snapshot_while_an_index_job_writes()
    {
        await RunAsync(Data, "demo-data", "400", "--out", _folder.PathOf("more"), "--seed", "6");
        var port = SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        await using (var server = SightlineProcess.Start(Data, "serve", _folder.PathOf("more"), "--port", port))
        {
            await server.WaitForAsync("Sightline is at");
            await RunAsync(Data, "db", "backup", File);
            await server.WaitForAsync("Search it at");
        }

        await RunAsync(_folder.PathOf("other"), "db", "restore", File);
        var status = JsonDocument.Parse(await RunAsync(_folder.PathOf("other"), "db", "status", "--json")).RootElement;
        var images = status.GetProperty("catalog").GetProperty("images").GetInt32();
        Assert.InRange(images, 120, 520);
        Assert.Equal(images, status.GetProperty("catalog").GetProperty("embedded").GetInt32());
        await RunAsync(_folder.PathOf("other"), "index", _folder.PathOf("more"));
        Assert.Equal(await SearchAsync(Data), await SearchAsync(_folder.PathOf("other")));
    }

    [Fact]
    public async Task What_cannot_be_restored_is_refused_and_leaves_the_database_as_it_was()
    {
        await RunAsync(Data, "db", "backup", File);
        var (before, whole) = (await SearchAsync(Data), await System.IO.File.ReadAllBytesAsync(File));
        Assert.Contains("--force", await RefusedAsync("db", "restore", File), StringComparison.Ordinal);

        await System.IO.File.WriteAllBytesAsync(File, whole[..(whole.Length / 2)]);
        Assert.Contains("pg_restore", await RefusedAsync("db", "restore", File, "--force"), StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File, "no backup");
        Assert.Contains("pg_restore", await RefusedAsync("db", "restore", File, "--force"), StringComparison.Ordinal);
        Assert.Contains("no file", await RefusedAsync("db", "restore", _folder.PathOf("nothing"), "--force"), StringComparison.Ordinal);
        Assert.Equal(before, await SearchAsync(Data));

        await System.IO.File.WriteAllBytesAsync(File, whole);
        await RunAsync(Data, "db", "restore", File, "--force");
        Assert.Equal(before, await SearchAsync(Data));
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_a_restore_leaves_a_database_that_works()
    {
        await RunAsync(Data, "db", "backup", File);
        var before = await SearchAsync(Data);
        var random = new Random(2);
        for (var round = 0; round < 4; round++)
        {
            await using var restoring = SightlineProcess.Start(Data, "db", "restore", File, "--force");
            await Task.Delay(random.Next(200, 2_500));
            await restoring.KillAsync();
            Assert.Equal(before, await SearchAsync(Data));
        }

        await RunAsync(Data, "db", "restore", File, "--force");
        Assert.Equal(before, await SearchAsync(Data));
    }

    private static async Task<string> SearchAsync(string data) => string.Join('\n',
        (await RunAsync(data, "search", "a red star", "--limit", "50")).Split('\n').Select(line => line[(line.LastIndexOf('/') + 1)..]));

    private static async Task<string> RunAsync(string data, params string[] arguments)
    {
        var (exit, output, errors) = await SightlineProcess.RunAsync(data, arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {errors}");
        return output;
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(Data, arguments);
        Assert.NotEqual(0, exit);
        return errors;
    }
}
