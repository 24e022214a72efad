using System.IO.MemoryMappedFiles;

namespace Sightline.Training.Data;

/// <summary>A file as memory, read-only. Spans of it are valid until it is disposed. Thread-safe.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    internal MappedFile(string path)
    {
        Length = new FileInfo(path).Length;
        if (Length == 0)
        {
            throw new InvalidDataException($"{path} is empty.");
        }

        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    internal long Length { get; }

    internal ReadOnlySpan<byte> this[long offset, int length] => offset >= 0 && length >= 0 && offset <= Length - length
        ? new ReadOnlySpan<byte>(_start + offset, length)
        : throw new InvalidDataException($"The file has {Length} bytes; {length} from byte {offset} on are asked for.");

    public void Dispose()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        _view.Dispose();
        _file.Dispose();
    }
}
