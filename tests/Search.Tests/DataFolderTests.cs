using Sightline.TestKit;

namespace Sightline.Search.Tests;

public sealed class DataFolderTests
{
    [Fact]
    public void Sockets_fit_even_for_a_deep_folder_and_each_folder_has_its_own()
    {
        using var folder = new TemporaryFolder();
        var deep = DataFolder.Open(folder.PathOf([.. Enumerable.Repeat("quite a long folder name", 10)]));
        var other = DataFolder.Open(folder.PathOf("other"));

        Assert.True(deep.ApiSocket.Length < 100, deep.ApiSocket);
        Assert.True((deep.PostgresSocket + "/.s.PGSQL.5432").Length < 100, deep.PostgresSocket);
        Assert.NotEqual(deep.ApiSocket, other.ApiSocket);
    }

    [Fact]
    public void The_socket_folder_is_closed_to_others()
    {
        using var folder = new TemporaryFolder();
        var data = DataFolder.Open(folder.Path);
        File.SetUnixFileMode(data.Runtime, File.GetUnixFileMode(data.Runtime) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        var again = DataFolder.Open(folder.Path);

        Assert.Equal(data, again);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(again.Runtime));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named_with_its_cure()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("file"), "");

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(folder.PathOf("file", "below")));

        Assert.Contains(folder.PathOf("file", "below"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }
}
