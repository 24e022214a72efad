namespace Sightline.Training.Runs;

/// <summary>The right to work on a run folder, for one process at a time. It dies with its process.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(RunFolder folder, FileStream file)
    {
        Folder = folder;
        _file = file;
    }

    internal RunFolder Folder { get; }

    /// <summary>Creates the folder where there is none.</summary>
    /// <exception cref="TrainingException">Another process works on it.</exception>
    internal static RunLock Take(RunFolder folder)
    {
        Directory.CreateDirectory(folder.Path);
        var path = Path.Combine(folder.Path, "lock");
        try
        {
            // FileShare.None is an exclusive flock on Unix.
            return new RunLock(folder, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new TrainingException($"Another process works on {folder.Path}; wait for its end, stop it, or name another run.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
