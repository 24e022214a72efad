using System.Globalization;
using System.Text;
using Sightline.Search;

namespace Sightline.Cli.Host;

/// <summary>The data folder's lock: whoever holds it owns the private PostgreSQL, the index in memory and the device. It dies with its process.</summary>
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
    internal static string? ReadAddress(DataFolder data)
    {
        using var file = new FileStream(data.LockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var text = new StreamReader(file);
        var lines = text.ReadToEnd().Split('\n');
        return lines.Length > 1 && lines[1].Length > 0 ? lines[1] : null;
    }

    internal void Write(string? address)
    {
        _file.SetLength(0);
        _file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n{address}\n")));
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
