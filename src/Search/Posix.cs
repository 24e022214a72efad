using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>What the C library knows and .NET does not say.</summary>
internal static partial class Posix
{
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getpriority")]
    internal static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    internal static partial int SetPriority(int which, uint who, int niceness);

    [LibraryImport("libc", EntryPoint = "madvise")]
    internal static unsafe partial int Advise(void* start, nuint length, int advice);
}
