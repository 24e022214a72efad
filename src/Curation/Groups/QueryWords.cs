namespace Sightline.Curation;

/// <summary>
/// Which query words a caption has. Words are as <see cref="CaptionFacts.Words"/> counts them, in lower case and without punctuation; a
/// query of several words matches where they stand side by side, as MetaCLIP's substrings between spaces do, and in scripts without spaces
/// any substring. For one thread.
/// </summary>
internal sealed class QueryWords
{
    private readonly HashSet<ulong>? _queries;
    private readonly int _longest = 1;
    private readonly List<ulong> _words = [];
    private readonly List<ulong> _found = [];

    /// <param name="queries">Empty: every single word is one.</param>
    internal QueryWords(IReadOnlyCollection<string> queries)
    {
        if (queries.Count == 0)
        {
            return;
        }

        _queries = [];
        foreach (var query in queries)
        {
            Cut(System.Text.Encoding.UTF8.GetBytes(query));
            if (_words.Count > 0)
            {
                _queries.Add(Hash(0, _words.Count));
                _longest = Math.Max(_longest, _words.Count);
            }
        }
    }

    /// <summary>Query words that have a letter, digit or symbol; 0 where every word is one.</summary>
    internal int Count => _queries?.Count ?? 0;

    /// <summary>Hashes of the different query words of a caption. Until the next call.</summary>
    internal List<ulong> Of(ReadOnlySpan<byte> caption)
    {
        Cut(caption);
        _found.Clear();
        for (var start = 0; start < _words.Count; start++)
        {
            for (var length = 1; length <= _longest && start + length <= _words.Count; length++)
            {
                var hash = Hash(start, length);
                if ((_queries is null || _queries.Contains(hash)) && !_found.Contains(hash))
                {
                    _found.Add(hash);
                }
            }
        }

        return _found;
    }

    private ulong Hash(int start, int length)
    {
        ulong hash = 0;
        for (var i = start; i < start + length; i++)
        {
            hash = SeededHash.Mix(hash ^ _words[i]);
        }

        return hash;
    }

    private void Cut(ReadOnlySpan<byte> text)
    {
        _words.Clear();
        ulong word = 0;
        while (!text.IsEmpty)
        {
            var value = CaptionHash.Next(ref text);
            if (value != 0 && !CaptionFacts.IsUnspaced((int)value))
            {
                word = SeededHash.Mix(word ^ value);
                continue;
            }

            if (word != 0)
            {
                _words.Add(word);
                word = 0;
            }

            if (value != 0)
            {
                _words.Add(SeededHash.Mix(value));
            }
        }

        if (word != 0)
        {
            _words.Add(word);
        }
    }
}
