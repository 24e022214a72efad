using Sightline.Search;

namespace Sightline.Cli.Host;

/// <summary>The data folder's lock: whoever holds it owns the private PostgreSQL, the index in memory and the device. It dies with its
/// process.</summary>
internal sealed class DaemonLock : IDisposable
{
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <summary>Null while another process holds it.</summary>
    internal static DaemonLock? TryTake(DataFolder data)
    {
        try
        {
            // FileShare.None is an exclusive flock on Unix.
            return new DaemonLock(new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(data.LockFile))
        {
            return null;
        }
    }

    /// <summary>Where the holder serves the page; null when it serves none.</summary>
    internal static string? ReadAddress(DataFolder data) => File.Exists(AddressFile(data)) ? File.ReadAllText(AddressFile(data)) : null;

    /// <summary>Tells others where the page is; null: nowhere.</summary>
    internal static void WriteAddress(DataFolder data, string? address)
    {
        // Left by a daemon that was killed, or no longer true.
        File.Delete(AddressFile(data));
        if (address is not null)
        {
            File.WriteAllText(AddressFile(data), address);
        }
    }

    public void Dispose() => _file.Dispose();

    // Not in the lock file: no other process may open that while it is held.
    private static string AddressFile(DataFolder data) => Path.Combine(data.Runtime, "address");
}
