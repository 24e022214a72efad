using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>
/// Memory outside the garbage collector's heap, aligned for vector loads and, where large, for huge pages: a graph walk touches pages at
/// random and would otherwise spend its time on address translation. Freed when the last reader has dropped it, so that readers of a
/// segment that was merged away need no lock; whoever holds a pointer into it keeps the object alive meanwhile.
/// </summary>
internal sealed unsafe class NativeMemoryBlock : CriticalFinalizerObject
{
    private const int HugePage = 2 << 20;
    private const int AdviseHugePage = 14;

    /// <param name="bytes">Uninitialised.</param>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    internal NativeMemoryBlock(long bytes)
    {
        Bytes = Math.Max(bytes, 1);
        var isHuge = bytes >= 2 * HugePage;
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, (nuint)(isHuge ? HugePage : 64));
        GC.AddMemoryPressure(Bytes);
        if (isHuge)
        {
            // Advice only: without huge pages everything works, slower.
            _ = Posix.Advise(Pointer, (nuint)(Bytes / 4096 * 4096), AdviseHugePage);
        }
    }

    ~NativeMemoryBlock()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(Bytes);
    }

    internal byte* Pointer { get; }

    internal long Bytes { get; }
}

/// <summary>A fixed number of elements in a <see cref="NativeMemoryBlock"/>, which lives as long as this object.</summary>
internal sealed unsafe class NativeArray<T>
    where T : unmanaged
{
    private readonly NativeMemoryBlock _block;

    /// <param name="length">Elements; uninitialised.</param>
    internal NativeArray(long length)
        : this(new NativeMemoryBlock(length * sizeof(T)), 0, length)
    {
    }

    /// <param name="block">Shared with others.</param>
    /// <param name="offset">Bytes from its start to the first element.</param>
    internal NativeArray(NativeMemoryBlock block, long offset, long length)
    {
        _block = block;
        Pointer = (T*)(block.Pointer + offset);
        Length = length;
    }

    internal T* Pointer { get; }

    internal long Length { get; }

    internal long Bytes => Length * sizeof(T);

    internal Span<T> Span(long start, int length) => new(Pointer + start, length);
}
