using System.Diagnostics;
using Sightline.Indexer.Walk;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Walk;

public sealed class FolderWalkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_are_found_by_ending_in_ordinal_order_and_hidden_things_are_passed_over()
    {
        Touch("b.JPG", "a/z.png", "a/note.txt", ".hidden/x.jpg", "c.heic", "Z.webp", "data/own.jpg");

        var found = new FolderWalk(_folder.Path, new ExclusionPatterns([]), _folder.PathOf("data")).Run();

        Assert.Equal(["Z.webp", "a/z.png", "b.JPG", "c.heic"], found.Select(f => f.Path));
    }

    [Fact]
    public void Links_are_outcomes_with_their_reasons()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.PathOf("x.jpg"), "x");
        Touch("a/x.jpg");
        File.CreateSymbolicLink(_folder.PathOf("inside.jpg"), _folder.PathOf("a/x.jpg"));
        File.CreateSymbolicLink(_folder.PathOf("outside.jpg"), elsewhere.PathOf("x.jpg"));
        File.CreateSymbolicLink(_folder.PathOf("broken.jpg"), _folder.PathOf("nothing.jpg"));
        Directory.CreateSymbolicLink(_folder.PathOf("a/loop"), _folder.Path);
        Directory.CreateSymbolicLink(_folder.PathOf("away"), elsewhere.Path);
        File.CreateSymbolicLink(_folder.PathOf("self.jpg"), _folder.PathOf("self.jpg"));

        var found = Run().ToDictionary(f => f.Path, f => f.Reason);

        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["a/x.jpg"] = null, ["a/loop"] = "symlink_loop", ["away"] = "link_outside", ["outside.jpg"] = "link_outside", ["broken.jpg"] = "broken_link",
                ["self.jpg"] = found["self.jpg"],
            }.OrderBy(f => f.Key, StringComparer.Ordinal), found.OrderBy(f => f.Key, StringComparer.Ordinal));
        Assert.Contains(found["self.jpg"], new[] { "symlink_loop", "broken_link" });
    }

    [Fact]
    public void A_name_that_is_not_UTF8_is_told()
    {
        // .NET cannot write such a name; the shell can.
        Shell($"printf x > '{_folder.Path}'/$'caf\\xe9.jpg'");

        var found = Assert.Single(Run());

        Shell($"rm '{_folder.Path}'/caf*");
        Assert.Equal("not_utf8_name", found.Reason);
    }

    [Theory]
    [InlineData(UnixFileMode.None)]
    [InlineData(UnixFileMode.UserRead)]
    [InlineData(UnixFileMode.UserExecute)]
    public void A_folder_that_cannot_be_read_costs_only_itself(UnixFileMode mode)
    {
        Touch("a/x.jpg", "locked/y.jpg", "z.jpg");
        File.SetUnixFileMode(_folder.PathOf("locked"), mode);
        try
        {
            var found = Run().ToDictionary(f => f.Path, f => f.Reason);

            // Root reads everything; anybody else is told.
            var expected = Environment.IsPrivilegedProcess ? ("locked/y.jpg", (string?)null) : ("locked", "unreadable_folder");
            Assert.Equal(expected, Assert.Single(found.Select(f => (f.Key, f.Value)), f => f.Key.StartsWith("locked", StringComparison.Ordinal)));
            Assert.Equal(3, found.Count);
        }
        finally
        {
            File.SetUnixFileMode(_folder.PathOf("locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_time_of_change_beyond_the_calendar_costs_only_its_file()
    {
        // Of the file systems at hand, the one in memory takes such a time.
        var folder = Directory.CreateDirectory($"/dev/shm/sightline-test-{Guid.NewGuid():N}").FullName;
        try
        {
            Shell($"touch -d '@300000000000' {folder}/x.jpg; touch {folder}/y.jpg");

            var found = new FolderWalk(folder, new ExclusionPatterns([]), null).Run();

            Assert.Equal([("x.jpg", "unreadable"), ("y.jpg", null)], found.Select(f => (f.Path, f.Reason)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_root_that_is_gone_is_an_error_and_not_an_empty_folder() =>
        Assert.ThrowsAny<IOException>(() => new FolderWalk(_folder.PathOf("gone"), new ExclusionPatterns([]), null).Run().ToList());

    private static void Shell(string command)
    {
        using var shell = Process.Start("bash", ["-c", command]);
        shell.WaitForExit();
    }

    private IEnumerable<WalkedFile> Run() => new FolderWalk(_folder.Path, new ExclusionPatterns([]), null).Run();

    private void Touch(params string[] files)
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(file))!);
            File.WriteAllText(_folder.PathOf(file), "x");
        }
    }
}
