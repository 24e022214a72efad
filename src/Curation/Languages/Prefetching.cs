using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Curation.Languages;

/// <summary>Has memory on its way before it is read.</summary>
internal static class Prefetching
{
    /// <summary>Asks for the cache line of a place; nothing where the processor has no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Fetch(ref byte place)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref place));
        }
    }
}
