using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// Numbers written to a file once, from the first to the last, and then read at any place by any thread: the file is mapped, so that the
/// system keeps in memory what fits. The file goes when this is disposed of.
/// </summary>
internal sealed unsafe class ScratchArray<T> : IDisposable
    where T : unmanaged
{
    private readonly FileStream _file;
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private T* _start;

    internal ScratchArray(string folder) => _file = new FileStream(Path.Combine(folder, $"array-{Guid.NewGuid():N}"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        BufferSize = 1 << 20,
        Options = FileOptions.DeleteOnClose,
    });

    internal long Count { get; private set; }

    internal void Append(ReadOnlySpan<T> values)
    {
        _file.Write(MemoryMarshal.AsBytes(values));
        Count += values.Length;
    }

    /// <summary>Ends the writing; before it nothing can be read.</summary>
    internal void Freeze()
    {
        _file.Flush();
        if (Count == 0)
        {
            return;
        }

        _map = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = (T*)(start + _view.PointerOffset);
    }

    internal ReadOnlySpan<T> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Count);
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AsRef<T>(_start + start), length);
    }

    public void Dispose()
    {
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map!.Dispose();
        }

        _file.Dispose();
    }
}
