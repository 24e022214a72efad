using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>What the C library knows and .NET does not say.</summary>
internal static partial class Posix
{
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();
}
