using System.Collections.Concurrent;
using System.Text;

namespace Sightline.Models.Text;

/// <summary>
/// CLIP's byte-level BPE (openai/CLIP simple_tokenizer.py; Hugging Face CLIPTokenizerFast): NFC, runs of white space to one space,
/// lower case; split into words; each word's UTF-8 bytes as symbols, the last one marked <c>&lt;/w&gt;</c>, merged in order of rank.
/// No ftfy and no HTML unescaping, as in Hugging Face's fast tokenizer. Thread-safe.
/// </summary>
public sealed class ClipTokenizer
{
    private const int MostCachedWords = 100_000;

    private readonly BpeVocabulary _vocabulary;
    private readonly ConcurrentDictionary<string, int[]> _words = new();

    internal ClipTokenizer(BpeVocabulary vocabulary) => _vocabulary = vocabulary;

    /// <summary>Rows that the token table must have.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>The id that ends every text.</summary>
    public int EndToken => _vocabulary.EndToken;

    /// <summary>Reads the tokenizer that lies in a model's folder; null where there is none (see docs/models.md for the files).</summary>
    /// <exception cref="Weights.ModelFormatException">A file is there but damaged.</exception>
    public static ClipTokenizer? TryLoad(string folder) =>
        BpeVocabulary.TryLoad(folder) is { } vocabulary ? new ClipTokenizer(vocabulary) : null;

    /// <summary>Start token, the text, end token; cut to <paramref name="contextLength"/>, still ending with the end token.</summary>
    public int[] Encode(string text, int contextLength) => Encode(text, contextLength, EncodeWord);

    /// <summary>
    /// As <see cref="Encode(string, int)"/>, but each merge is left out with some probability wherever it could be made, so that a model in
    /// training meets words in many pieces (BPE-dropout: Provilkov, Emelianenko and Voita, arXiv 1910.13267, algorithm 1).
    /// </summary>
    /// <param name="dropout">0 to 1; 0.1 in the paper.</param>
    internal int[] Encode(string text, int contextLength, double dropout, Random random) => dropout == 0
        ? Encode(text, contextLength)
        : Encode(text, contextLength, word => Merge(Encoding.UTF8.GetBytes(word), () => random.NextDouble() < dropout));

    private int[] Encode(string text, int contextLength, Func<string, int[]> encodeWord)
    {
        var ids = new List<int>(contextLength) { _vocabulary.StartToken };
        foreach (var (piece, special) in SplitAtSpecials(text))
        {
            if (special >= 0)
            {
                ids.Add(special);
                continue;
            }

            foreach (var word in Words(piece))
            {
                ids.AddRange(encodeWord(word));
                if (ids.Count >= contextLength)
                {
                    break;
                }
            }
        }

        if (ids.Count >= contextLength)
        {
            ids.RemoveRange(contextLength - 1, ids.Count - contextLength + 1);
        }

        ids.Add(_vocabulary.EndToken);
        return [.. ids];
    }

    /// <summary>What merges happen within: the words of a text as this tokenizer cleans and splits it, for training another.</summary>
    internal static IEnumerable<string> Words(string text) => TextPieces.Split(Clean(text));

    // Special tokens are looked for in the text as it is, before it is cleaned.
    private IEnumerable<(string Piece, int Special)> SplitAtSpecials(string text)
    {
        var rest = text;
        while (true)
        {
            var (at, length, id) = _vocabulary.Specials
                .Select(s => (At: rest.IndexOf(s.Text, StringComparison.Ordinal), s.Text.Length, s.Id))
                .Where(s => s.At >= 0)
                .DefaultIfEmpty((At: -1, Length: 0, Id: -1))
                .MinBy(s => s.At);
            if (at < 0)
            {
                yield return (rest, -1);
                yield break;
            }

            yield return (rest[..at], -1);
            yield return ("", id);
            rest = rest[(at + length)..];
        }
    }

    private static string Clean(string text)
    {
        // Half a surrogate pair is no text; NFC would refuse the whole string.
        var whole = string.Concat(text.EnumerateRunes().Select(r => r.ToString()));
        var lower = new StringBuilder(whole.Length);
        foreach (var rune in whole.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            // The one letter whose lower case is two characters everywhere (Unicode SpecialCasing).
            lower.Append(rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString());
        }

        return lower.ToString();
    }

    private int[] EncodeWord(string word)
    {
        if (_words.TryGetValue(word, out var known))
        {
            return known;
        }

        if (_words.Count >= MostCachedWords)
        {
            _words.Clear();
        }

        return _words[word] = Merge(Encoding.UTF8.GetBytes(word), null);
    }

    /// <param name="drops">Asked of each merge at each place, each time; null: none is left out.</param>
    private int[] Merge(byte[] bytes, Func<bool>? drops)
    {
        var symbols = new List<int>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            symbols.Add(i == bytes.Length - 1 ? _vocabulary.LastByte(bytes[i]) : _vocabulary.Byte(bytes[i]));
        }

        while (symbols.Count > 1)
        {
            var best = (Rank: int.MaxValue, Merged: 0, Left: 0, Right: 0, At: 0);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (_vocabulary.TryMerge(symbols[i], symbols[i + 1], out var rank, out var merged) && rank < best.Rank
                    && drops?.Invoke() != true)
                {
                    best = (rank, merged, symbols[i], symbols[i + 1], i);
                }
            }

            if (best.Rank == int.MaxValue)
            {
                break;
            }

            if (drops is null)
            {
                Replace(symbols, best.Left, best.Right, best.Merged);
                continue;
            }

            // Each place has a chance of its own.
            symbols[best.At] = best.Merged;
            symbols.RemoveAt(best.At + 1);
        }

        return [.. symbols];
    }

    // All occurrences, left to right.
    private static void Replace(List<int> symbols, int left, int right, int merged)
    {
        var kept = 0;
        for (var i = 0; i < symbols.Count; i++)
        {
            var pair = i + 1 < symbols.Count && symbols[i] == left && symbols[i + 1] == right;
            symbols[kept++] = pair ? merged : symbols[i];
            i += pair ? 1 : 0;
        }

        symbols.RemoveRange(kept, symbols.Count - kept);
    }
}
