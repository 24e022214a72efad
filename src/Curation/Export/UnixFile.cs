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
    private const uint TypeOnly = 1;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;

    /// <summary>Whether there is something at the end of a path that is no regular file and no folder: a pipe, a socket or a device, whose
    /// opening may wait for ever and whose reading may never end.</summary>
    internal static bool IsSpecial(string path) =>
        Status(CurrentFolder, path, 0, TypeOnly, out var status) == 0 && (status.Mode & TypeMask) is not (Regular or Folder);

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

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, out FileStatus status);

    // struct statx of linux/stat.h, the same on every processor: 256 bytes, of which the type is in the mode.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(28)]
        internal ushort Mode;
    }

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);
}
