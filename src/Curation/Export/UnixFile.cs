using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Curation.Export;

/// <summary>Calls of the system that .NET has not.</summary>
internal static partial class UnixFile
{
    private const int NotPermitted = 1;
    private const int OtherFileSystem = 18;
    private const int TooManyLinks = 31;
    private const int CurrentFolder = -100;
    private const int FollowSymbolicLinks = 0x400;

    /// <summary>Makes a hard link. False where these files cannot have one: another file system, one without links, another user's file, or
    /// too many links.</summary>
    /// <exception cref="IOException">Anything else; names the cause.</exception>
    internal static bool TryLink(string existing, string path)
    {
        if (Link(CurrentFolder, existing, CurrentFolder, path, FollowSymbolicLinks) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NotPermitted or OtherFileSystem or TooManyLinks
            ? false
            : throw new IOException($"{path} cannot be a link to {existing}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Brings everything of the file system to the disk: one call for ten thousand small files.</summary>
    /// <param name="file">Any file there.</param>
    internal static void FlushFileSystem(SafeFileHandle file)
    {
        if (SyncFileSystem(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"What was written cannot be brought to the disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(int existingFolder, string existing, int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);
}
