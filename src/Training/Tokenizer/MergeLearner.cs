using System.Text;
using Sightline.Models.Text;

namespace Sightline.Training.Tokenizer;

/// <summary>
/// Byte pair encoding's learning (Sennrich et al., arXiv 1508.07909): the most frequent pair of neighbours becomes a symbol, again and
/// again. Counts are kept up to date where a merge changes them; a heap finds the next pair. Of equally frequent pairs the one whose
/// symbols are older (by the left one, then the right) goes first, so that the same words give the same merges.
/// </summary>
internal sealed class MergeLearner
{
    private readonly List<string> _symbols = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<(int[] Symbols, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long Negative, int Left, int Right)> _queue = new();

    /// <param name="words">Cleaned words, and how often each occurs.</param>
    internal MergeLearner(IEnumerable<KeyValuePair<string, long>> words)
    {
        foreach (var symbol in BpeVocabulary.Alphabet.Concat(BpeVocabulary.Alphabet.Select(s => s + BpeVocabulary.WordEnd)))
        {
            IdOf(symbol);
        }

        foreach (var (word, count) in words)
        {
            var bytes = Encoding.UTF8.GetBytes(word);
            var symbols = bytes.Select((b, i) => _ids[BpeVocabulary.SymbolOf(b) + (i == bytes.Length - 1 ? BpeVocabulary.WordEnd : "")]);
            _words.Add(([.. symbols], count));
        }

        for (var i = 0; i < _words.Count; i++)
        {
            Count(i, 1, null);
        }

        foreach (var (pair, counted) in _pairs)
        {
            Enqueue(pair, counted);
        }
    }

    /// <summary>By id: the 512 byte symbols, then what merges have made.</summary>
    internal IReadOnlyList<string> Symbols => _symbols;

    /// <summary>The next merge; false when no pair occurs often enough.</summary>
    internal bool TryMerge(int leastCount, out (string Left, string Right) merge)
    {
        while (_queue.TryDequeue(out var next, out _))
        {
            if (!_pairs.TryGetValue(next.Pair, out var pair) || pair.Count != next.Count)
            {
                continue; // Its count has changed since; it stands in the queue again.
            }

            if (pair.Count < leastCount)
            {
                break;
            }

            merge = (_symbols[next.Pair.Left], _symbols[next.Pair.Right]);
            Merge(next.Pair, pair, IdOf(merge.Left + merge.Right));
            return true;
        }

        merge = default;
        return false;
    }

    private void Merge((int Left, int Right) pair, Pair counted, int merged)
    {
        var before = new Dictionary<(int, int), long>();
        int[] words = [.. counted.Words];
        foreach (var word in words)
        {
            Count(word, -1, before);
            _words[word] = _words[word] with { Symbols = Replace(_words[word].Symbols, pair, merged) };
            Count(word, 1, before);
        }

        foreach (var (key, count) in before)
        {
            if (_pairs[key].Count == 0)
            {
                _pairs.Remove(key);
            }
            else if (_pairs[key].Count != count)
            {
                Enqueue(key, _pairs[key]);
            }
        }
    }

    // Adds a word's pairs to the counts, or takes them away.
    private void Count(int word, int sign, Dictionary<(int, int), long>? before)
    {
        var (symbols, count) = _words[word];
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            var key = (symbols[i], symbols[i + 1]);
            if (!_pairs.TryGetValue(key, out var pair))
            {
                _pairs.Add(key, pair = new Pair());
            }

            before?.TryAdd(key, pair.Count);
            pair.Count += sign * count;
            if (sign > 0)
            {
                pair.Words.Add(word);
            }
            else
            {
                pair.Words.Remove(word);
            }
        }
    }

    private void Enqueue((int Left, int Right) pair, Pair counted) =>
        _queue.Enqueue((pair, counted.Count), (-counted.Count, pair.Left, pair.Right));

    // All occurrences, left to right. Two ways to one text give one symbol, as in a vocabulary that is looked up by text.
    private static int[] Replace(int[] symbols, (int Left, int Right) pair, int merged)
    {
        var kept = new List<int>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
        {
            var isPair = i + 1 < symbols.Length && symbols[i] == pair.Left && symbols[i + 1] == pair.Right;
            kept.Add(isPair ? merged : symbols[i]);
            i += isPair ? 1 : 0;
        }

        return [.. kept];
    }

    private int IdOf(string symbol)
    {
        if (!_ids.TryGetValue(symbol, out var id))
        {
            _ids.Add(symbol, id = _symbols.Count);
            _symbols.Add(symbol);
        }

        return id;
    }

    // How often a pair occurs, and in which words.
    private sealed class Pair
    {
        internal long Count { get; set; }

        internal HashSet<int> Words { get; } = [];
    }
}
