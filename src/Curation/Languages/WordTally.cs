namespace Sightline.Curation.Languages;

/// <summary>The words of one script taken together: the sum of their rows, and whether one language holds them all.</summary>
/// <param name="sum">Gets the sum, <see cref="NgramModel.Dimensions"/> long.</param>
/// <param name="hashes">Room for all words.</param>
internal ref struct WordTally(Span<int> sum, Span<ulong> hashes)
{
    // Of the sums along a path, which are rounded.
    private const float Rounding = 0.01f;

    private readonly Span<int> _sum = sum;
    private readonly Span<ulong> _hashes = hashes;

    internal int Count { get; private set; }

    /// <summary>N-grams that the model knows.</summary>
    internal int Known { get; private set; }

    /// <summary>A mark stands between two of the words.</summary>
    internal bool HasParts { get; private set; }

    internal readonly ReadOnlySpan<int> Sum => _sum;

    internal void Read(WordReader reader, CaptionWords words, Script script)
    {
        var startsPart = false;
        foreach (var word in words.Words)
        {
            startsPart |= word.StartsPart;
            if (word.Script == script)
            {
                HasParts |= startsPart && Count > 0;
                startsPart = false;
                _hashes[Count++] = reader.Announce(words.LettersOf(word), script);
            }
        }

        _sum.Clear();
        var next = 0;
        foreach (var word in words.Words)
        {
            Known += word.Script == script ? reader.Add(words.LettersOf(word), script, _hashes[next++], _sum) : 0;
        }
    }

    /// <summary>
    /// Whether no path through several languages can be worth more than to stay in one: what all words together would rather say of others
    /// is less than a single change costs. False also where that is not known.
    /// </summary>
    /// <param name="language">Place of the one language in its layer.</param>
    /// <param name="change">What the cheapest change costs, in nats.</param>
    internal readonly bool IsOneLanguage(WordReader reader, int language, float change)
    {
        // Beyond that, words are taken together.
        if (Count > LanguageMixture.MaxUnits)
        {
            return false;
        }

        var lags = Rounding;
        foreach (var hash in _hashes[..Count])
        {
            if (!reader.TryLag(hash, language, out var lag))
            {
                return false;
            }

            lags += lag;
        }

        return lags <= change;
    }
}
