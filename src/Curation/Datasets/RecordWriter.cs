using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>Writes a <see cref="RecordFile"/> record by record; memory does not grow with them. Not committed, it leaves nothing. For one
/// thread.</summary>
internal sealed class RecordWriter<T> : IDisposable
    where T : unmanaged
{
    private readonly AtomicFile _file;
    private readonly int _version;
    private readonly T[] _records = new T[4_096];
    private int _waiting;
    private int _count;

    internal RecordWriter(string path, int version)
    {
        (_file, _version) = (AtomicFile.Create(path), version);
        RecordFile.WriteHeader<T>(_file.Stream, version, 0);
    }

    internal void Add(T record)
    {
        if (_waiting == _records.Length)
        {
            Flush();
        }

        _records[_waiting++] = record;
        _count++;
    }

    /// <summary>Puts the file in its place.</summary>
    internal void Commit()
    {
        Flush();
        _file.Stream.Position = 0;
        RecordFile.WriteHeader<T>(_file.Stream, _version, _count);
        _file.Commit();
    }

    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        _file.Stream.Write(MemoryMarshal.AsBytes(_records.AsSpan(0, _waiting)));
        _waiting = 0;
    }
}
