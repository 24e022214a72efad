using System.Runtime.InteropServices;

namespace Sightline.Training.Runs;

/// <summary>Folders that are there whole or not at all, also after the power has gone.</summary>
internal static partial class DurableFiles
{
    private const string Unfinished = ".unfinished";

    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint Exchange = 2; // RENAME_EXCHANGE
    private const int InvalidArgument = 22; // EINVAL: the file system cannot

    /// <summary>Fills a folder under a temporary name, sends it to the disk and puts it in its place, over another that may be there.</summary>
    /// <param name="write">Writes into the folder that it is given, which is empty.</param>
    internal static void WriteFolder(string path, Action<string> write)
    {
        var temporary = path + Unfinished;
        Remove(temporary);
        Directory.CreateDirectory(temporary);
        write(temporary);
        foreach (var file in Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }

        FlushFolder(temporary);
        Place(temporary, path);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Takes a folder away at once: what a kill leaves of it has no name that counts.</summary>
    internal static void RemoveFolder(string path)
    {
        Remove(path + Unfinished);
        Directory.Move(path, path + Unfinished);
        Remove(path + Unfinished);
    }

    /// <summary>Removes what killed processes have left half written or half removed.</summary>
    internal static void RemoveUnfinished(string folder)
    {
        foreach (var left in Directory.Exists(folder) ? Directory.GetDirectories(folder, "*" + Unfinished) : [])
        {
            Remove(left);
        }
    }

    private static void Place(string temporary, string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.Move(temporary, path);
            return;
        }

        if (Rename(CurrentFolder, temporary, CurrentFolder, path, Exchange) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != InvalidArgument)
            {
                throw new IOException($"{path} could not be replaced: {Marshal.GetPInvokeErrorMessage(error)}.");
            }

            // A file system that cannot exchange two names (NFS): for a moment there is neither.
            Directory.Move(path, temporary + ".old");
            Directory.Move(temporary, path);
            Directory.Move(temporary + ".old", temporary);
        }

        Remove(temporary);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // .NET opens no folders.
    private static void FlushFolder(string path)
    {
        var folder = Open(path, 0);
        if (folder < 0 || Flush(folder) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            _ = folder >= 0 && Close(folder) == 0;
            throw new IOException($"{path} could not be sent to the disk: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        _ = Close(folder);
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
