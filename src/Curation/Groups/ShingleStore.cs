namespace Sightline.Curation;

/// <summary>The shingles of many captions in a scratch file of 4 bytes a shingle; 8 bytes a caption stay in memory. One thread adds, then
/// any may read.</summary>
internal sealed class ShingleStore(string folder) : IDisposable
{
    private readonly ScratchArray<uint> _shingles = new(folder);
    private readonly List<long> _ends = [];

    internal int Count => _ends.Count;

    internal ReadOnlySpan<uint> this[int caption]
    {
        get
        {
            var start = caption == 0 ? 0 : _ends[caption - 1];
            return _shingles.Slice(start, (int)(_ends[caption] - start));
        }
    }

    internal void Add(ReadOnlySpan<uint> shingles)
    {
        _shingles.Append(shingles);
        _ends.Add(_shingles.Count);
    }

    internal void Freeze()
    {
        _shingles.Freeze();
        _ends.TrimExcess();
    }

    public void Dispose() => _shingles.Dispose();
}
