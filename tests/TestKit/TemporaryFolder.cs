namespace Sightline.TestKit;

/// <summary>A folder of a test's own, deleted with all it holds.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <param name="passable">Lets other users pass through (PostgreSQL's, when tests run as root).</param>
    public TemporaryFolder(bool passable = false)
    {
        Path = Directory.CreateTempSubdirectory("sightline-test-").FullName;
        if (passable)
        {
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; }

    public string PathOf(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
