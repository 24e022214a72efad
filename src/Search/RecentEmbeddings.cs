using Sightline.Models;

namespace Sightline.Search;

/// <summary>The last texts embedded, so that turning a page or coming back does not embed again. Thread-safe.</summary>
internal sealed class RecentEmbeddings(int capacity)
{
    private readonly Dictionary<string, LinkedListNode<(string Text, Embedding Embedding)>> _nodes = [];
    private readonly LinkedList<(string Text, Embedding Embedding)> _newestFirst = [];
    private readonly Lock _gate = new();

    internal async Task<Embedding> GetAsync(string text, Func<Task<Embedding>> embed)
    {
        lock (_gate)
        {
            if (_nodes.TryGetValue(text, out var node))
            {
                _newestFirst.Remove(node);
                _newestFirst.AddFirst(node);
                return node.Value.Embedding;
            }
        }

        var embedding = await embed();
        lock (_gate)
        {
            if (_nodes.TryAdd(text, new((text, embedding))))
            {
                _newestFirst.AddFirst(_nodes[text]);
                if (_nodes.Count > capacity)
                {
                    _nodes.Remove(_newestFirst.Last!.Value.Text);
                    _newestFirst.RemoveLast();
                }
            }

            // Of two that were embedded at once, in batches that round differently, all go on with one.
            return _nodes[text].Value.Embedding;
        }
    }
}
