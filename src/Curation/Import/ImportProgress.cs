using System.Collections.Concurrent;

namespace Sightline.Curation.Import;

/// <summary>How far an import is: written by the import, read by any thread.</summary>
public sealed class ImportProgress
{
    private readonly ConcurrentDictionary<string, long> _faults = new();
    private long[] _lengths = [];
    private long _before;
    private long _position;
    private long _read;
    private long _stored;
    private long _passed;
    private int _file;

    /// <summary>Pairs read, those of earlier runs included.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Those of them that this run has read: what a rate is of.</summary>
    public long ReadNow => Read - Volatile.Read(ref _passed);

    /// <summary>Pairs that are on the disk.</summary>
    public long Stored => Volatile.Read(ref _stored);

    public IReadOnlyDictionary<string, long> Faults => new Dictionary<string, long>(_faults);

    /// <summary>Of the source's bytes, the share that is read, in [0, 1]; null where the source has no files.</summary>
    public double? Share
    {
        get
        {
            var all = _lengths.Sum();
            var position = Volatile.Read(ref _before) + Math.Min(Volatile.Read(ref _position), _file < _lengths.Length ? _lengths[_file] : 0);
            return all == 0 ? null : (double)position / all;
        }
    }

    internal void Start(IReadOnlyList<string> files, DatasetImporter.ImportState state)
    {
        _lengths = [.. files.Select(f => new FileInfo(f)).Select(f => f.Exists ? f.Length : 0)];
        Volatile.Write(ref _passed, state.Pairs);
        (_read, _stored) = (state.Pairs, state.Pairs);
        foreach (var (reason, count) in state.Faults)
        {
            _faults[reason] = count;
        }
    }

    internal void Open(int file)
    {
        _file = file;
        Volatile.Write(ref _before, _lengths.Take(file).Sum());
        Volatile.Write(ref _position, 0);
    }

    internal void Advance(long position) => Volatile.Write(ref _position, position);

    // One thread counts.
    internal void Count() => Volatile.Write(ref _read, _read + 1);

    internal void CountFault(string reason) => _faults.AddOrUpdate(reason, 1, (_, count) => count + 1);

    internal void Store(int pairs) => Interlocked.Add(ref _stored, pairs);
}
