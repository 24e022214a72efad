using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Export;

/// <summary>Sorts more values than memory holds: sorted runs go to files, which are merged while they are read.</summary>
/// <param name="folder">For the runs; they are deleted at the end.</param>
/// <param name="name">Of the runs' files.</param>
/// <param name="mostInMemory">Values of a run.</param>
internal sealed class ExternalSort<T>(string folder, string name, int mostInMemory) : IDisposable
    where T : unmanaged, IComparable<T>
{
    private const int MergeBytes = 1 << 18;

    private readonly List<string> _runs = [];
    private T[] _values = new T[Math.Min(mostInMemory, 4096)];
    private int _count;

    internal void Add(T value)
    {
        if (_count == mostInMemory)
        {
            Spill();
        }

        if (_count == _values.Length)
        {
            Array.Resize(ref _values, (int)Math.Min(mostInMemory, 2L * _count));
        }

        _values[_count++] = value;
    }

    /// <summary>All values in order; nothing is added any more.</summary>
    internal IEnumerable<T> Read()
    {
        if (_runs.Count == 0)
        {
            Array.Sort(_values, 0, _count);
            return _values.Take(_count);
        }

        Spill();
        _values = [];
        return Merge();
    }

    public void Dispose() => _runs.ForEach(File.Delete);

    private void Spill()
    {
        Array.Sort(_values, 0, _count);
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{_runs.Count:D5}.run"));
        _runs.Add(path);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        file.Write(MemoryMarshal.AsBytes(_values.AsSpan(0, _count)));
        _count = 0;
    }

    private IEnumerable<T> Merge()
    {
        var heads = new PriorityQueue<IEnumerator<T>, T>();
        foreach (var path in _runs)
        {
            var run = ReadRun(path).GetEnumerator();
            if (run.MoveNext())
            {
                heads.Enqueue(run, run.Current);
            }
        }

        while (heads.TryDequeue(out var run, out var least))
        {
            yield return least;
            if (run.MoveNext())
            {
                heads.Enqueue(run, run.Current);
            }
        }
    }

    private static IEnumerable<T> ReadRun(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        var values = new T[Math.Max(1, MergeBytes / Unsafe.SizeOf<T>())];
        while (true)
        {
            var bytes = file.ReadAtLeast(MemoryMarshal.AsBytes(values.AsSpan()), values.Length * Unsafe.SizeOf<T>(), throwOnEndOfStream: false);
            if (bytes == 0)
            {
                yield break;
            }

            for (var i = 0; i < bytes / Unsafe.SizeOf<T>(); i++)
            {
                yield return values[i];
            }
        }
    }
}
