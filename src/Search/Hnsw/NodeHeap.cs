namespace Sightline.Search;

/// <summary>Nodes waiting to be expanded, the one with the best score on top: a binary heap of 64-bit keys.</summary>
internal sealed class NodeHeap
{
    private ulong[] _keys = new ulong[256];
    private int _count;

    internal void Clear() => _count = 0;

    internal void Push(int node, float score)
    {
        if (_count == _keys.Length)
        {
            Array.Resize(ref _keys, 2 * _count);
        }

        var key = ScoredNode.Key(node, score);
        var at = _count++;
        for (int parent; at > 0 && _keys[parent = (at - 1) / 2] < key; at = parent)
        {
            _keys[at] = _keys[parent];
        }

        _keys[at] = key;
    }

    internal bool TryPop(out int node, out float score)
    {
        (node, score) = (0, 0);
        if (_count == 0)
        {
            return false;
        }

        (node, score) = (ScoredNode.Node(_keys[0]), ScoredNode.Score(_keys[0]));
        var last = _keys[--_count];
        var at = 0;
        for (int child; (child = 2 * at + 1) < _count; at = child)
        {
            child += child + 1 < _count && _keys[child + 1] > _keys[child] ? 1 : 0;
            if (_keys[child] <= last)
            {
                break;
            }

            _keys[at] = _keys[child];
        }

        _keys[at] = last;
        return true;
    }
}
