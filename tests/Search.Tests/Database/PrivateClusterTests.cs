using System.Diagnostics;
using Npgsql;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

public sealed class PrivateClusterTests
{
    [Fact]
    public async Task A_cluster_keeps_its_data_over_a_stop_and_works_from_a_deep_path()
    {
        using var folder = new TemporaryFolder(passable: true);
        var deep = folder.PathOf([.. Enumerable.Repeat("a folder with a long name", 8)]);
        CreatePassable(deep);
        var data = DataFolder.Open(deep);
        await using (var cluster = await PrivateCluster.StartAsync(data, null, default))
        {
            await ExecuteAsync(cluster, "create table kept ()");
        }

        Assert.False(File.Exists(Path.Combine(data.Postgres, "postmaster.pid")));
        await using var again = await PrivateCluster.StartAsync(data, null, default);
        await ExecuteAsync(again, "select from kept");
    }

    [Fact]
    public async Task A_server_left_behind_is_adopted_and_a_killed_one_is_started_again()
    {
        using var folder = new TemporaryFolder(passable: true);
        var data = DataFolder.Open(folder.Path);
        var orphan = await PrivateCluster.StartAsync(data, null, default);
        await ExecuteAsync(orphan, "create table kept ()");

        var adopted = await PrivateCluster.StartAsync(data, null, default);
        Assert.Equal(await ServerProcessAsync(orphan), await ServerProcessAsync(adopted));

        NpgsqlConnection.ClearAllPools();
        using (var postmaster = Process.GetProcessById(await ServerProcessAsync(adopted)))
        {
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }

        await using var restarted = await PrivateCluster.StartAsync(data, null, default);
        await ExecuteAsync(restarted, "select from kept");
    }

    [Fact]
    public async Task A_set_up_that_was_cut_short_is_done_again()
    {
        using var folder = new TemporaryFolder(passable: true);
        var data = DataFolder.Open(folder.Path);
        var half = Directory.CreateDirectory(data.Postgres + ".unfinished-1").FullName;
        await File.WriteAllTextAsync(Path.Combine(half, "PG_VERSION"), "half");

        await using var cluster = await PrivateCluster.StartAsync(data, null, default);

        await ExecuteAsync(cluster, "select 1");
        Assert.False(Directory.Exists(half));
    }

    [Fact]
    public async Task A_folder_of_another_version_is_refused_with_its_cure()
    {
        using var folder = new TemporaryFolder(passable: true);
        var data = DataFolder.Open(folder.Path);
        Directory.CreateDirectory(data.Postgres);
        await File.WriteAllTextAsync(Path.Combine(data.Postgres, "PG_VERSION"), "9\n");

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => PrivateCluster.StartAsync(data, null, default));

        Assert.Contains("postgresql-9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_has_no_port_and_its_socket_folder_is_closed_to_others()
    {
        using var folder = new TemporaryFolder(passable: true);
        var data = DataFolder.Open(folder.Path);
        await using var cluster = await PrivateCluster.StartAsync(data, null, default);

        Assert.Equal("", await ScalarAsync(cluster, "show listen_addresses"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.PostgresSocket));
        Assert.DoesNotContain("trust", await File.ReadAllTextAsync(Path.Combine(data.Postgres, "pg_hba.conf")), StringComparison.Ordinal);
    }

    private static void CreatePassable(string path)
    {
        for (var part = path; !Directory.Exists(part); part = Path.GetDirectoryName(part)!)
        {
            CreatePassable(Path.GetDirectoryName(part)!);
            Directory.CreateDirectory(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private static async Task<int> ServerProcessAsync(PrivateCluster cluster) => int.Parse(
        (await ScalarAsync(cluster, "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))!, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task ExecuteAsync(PrivateCluster cluster, string sql) => await ScalarAsync(cluster, sql);

    private static async Task<string?> ScalarAsync(PrivateCluster cluster, string sql)
    {
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (await command.ExecuteScalarAsync())?.ToString();
    }
}
