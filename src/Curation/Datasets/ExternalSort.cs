using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// Sorts more records than fit in memory: runs of bounded length are sorted and spilled to files, then merged while they are read. What
/// groups records by a key sorts by it, so that a group of any size is seen one record at a time. Memory: one run, and 64 KiB for each
/// run that was spilled. For one thread.
/// </summary>
/// <param name="folder">For the files, which go when this does.</param>
/// <param name="inMemory">Records of a run.</param>
internal sealed class ExternalSort<T>(string folder, int inMemory = ExternalSort<T>.DefaultRun) : IDisposable
    where T : unmanaged, IComparable<T>
{
    private const int DefaultRun = 1 << 20;
    private const int ReadBytes = 1 << 16;

    private readonly List<FileStream> _runs = [];
    private T[] _records = new T[Math.Min(inMemory, 1024)];
    private int _count;

    internal long Count { get; private set; }

    internal void Add(T record)
    {
        if (_count == inMemory)
        {
            Spill();
        }

        if (_count == _records.Length)
        {
            Array.Resize(ref _records, Math.Min(2 * _count, inMemory));
        }

        _records[_count++] = record;
        Count++;
    }

    /// <summary>All records from the least to the greatest; may be read again, but not twice at once, and nothing is added afterwards.</summary>
    internal IEnumerable<T> Sorted(CancellationToken cancellationToken)
    {
        if (_runs.Count == 0)
        {
            _records.AsSpan(0, _count).Sort();
            return Enumerate(cancellationToken);
        }

        if (_count > 0)
        {
            Spill();
        }

        return Merge(cancellationToken);
    }

    public void Dispose() => _runs.ForEach(run => run.Dispose());

    private void Spill()
    {
        _records.AsSpan(0, _count).Sort();
        var file = new FileStream(Path.Combine(folder, $"sort-{Guid.NewGuid():N}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        });
        _runs.Add(file);
        file.Write(MemoryMarshal.AsBytes(_records.AsSpan(0, _count)));
        _count = 0;
    }

    private IEnumerable<T> Enumerate(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _count; i++)
        {
            if ((i & 0xFFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            yield return _records[i];
        }
    }

    private IEnumerable<T> Merge(CancellationToken cancellationToken)
    {
        _records = [];
        var queue = new PriorityQueue<RunReader, T>();
        foreach (var run in _runs)
        {
            var reader = new RunReader(run, ReadBytes / Unsafe.SizeOf<T>());
            if (reader.TryRead(out var first))
            {
                queue.Enqueue(reader, first);
            }
        }

        for (long i = 0; queue.TryDequeue(out var reader, out var record); i++)
        {
            if ((i & 0xFFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            yield return record;
            if (reader.TryRead(out var next))
            {
                queue.Enqueue(reader, next);
            }
        }
    }

    private sealed class RunReader(FileStream file, int buffered)
    {
        private readonly T[] _buffer = new T[buffered];
        private long _position;
        private int _next;
        private int _count;

        internal bool TryRead(out T record)
        {
            if (_next == _count)
            {
                var bytes = RandomAccess.Read(file.SafeFileHandle, MemoryMarshal.AsBytes(_buffer.AsSpan()), _position);
                var size = Unsafe.SizeOf<T>();
                _count = bytes / size;
                _position += (long)_count * size;
                _next = 0;
                if (_count == 0)
                {
                    record = default;
                    return false;
                }
            }

            record = _buffer[_next++];
            return true;
        }
    }
}
