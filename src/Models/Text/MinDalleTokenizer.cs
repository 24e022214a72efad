using System.Text.Json;
using Sightline.Models.Weights;

namespace Sightline.Models.Text;

/// <summary>
/// DALL-E mini's BPE as min-dalle applies it: lower case, ASCII only, words split at spaces, each begun by the symbol for a space. What
/// the vocabulary lacks is <c>&lt;unk&gt;</c>. The original spells emoji out; here they are left out with all that is not ASCII.
/// Thread-safe.
/// </summary>
internal sealed class MinDalleTokenizer
{
    private const string SpaceSymbol = "Ġ";

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int> _symbols = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges = [];
    private readonly int _unknown;

    private MinDalleTokenizer(string path, Dictionary<string, int> ids, IEnumerable<string> merges)
    {
        _ids = ids;
        (Start, Padding, End, _unknown) = (Required("<s>"), Required("<pad>"), Required("</s>"), Required("<unk>"));
        for (var ascii = (char)0; ascii < 128; ascii++)
        {
            Symbol(ascii.ToString());
        }

        Symbol(SpaceSymbol);
        foreach (var merge in merges)
        {
            if (merge.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right])
            {
                throw new ModelFormatException(path, $"the merge \"{merge}\" is no pair.");
            }

            _merges.TryAdd((Symbol(left), Symbol(right)), (_merges.Count, Symbol(left + right)));
        }

        int Required(string name) => ids.TryGetValue(name, out var id) ? id
            : throw new ModelFormatException(path, $"the vocabulary has no {name}: it is not DALL-E mini's kind.");
    }

    internal int Start { get; }

    internal int Padding { get; }

    internal int End { get; }

    /// <summary>Rows that the token table must have.</summary>
    internal int VocabularySize => _ids.Values.Max() + 1;

    /// <exception cref="ModelFormatException">A file is missing or damaged.</exception>
    internal static MinDalleTokenizer Load(string vocabularyPath, string mergesPath)
    {
        try
        {
            var ids = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(vocabularyPath)) ?? [];

            // The first line is a header.
            return new MinDalleTokenizer(vocabularyPath, ids, File.ReadLines(mergesPath).Skip(1).Where(line => line.Length > 0));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new ModelFormatException(vocabularyPath, $"this is no vocabulary of DALL-E mini: {e.Message}", e);
        }
    }

    /// <summary>Start, the text, end; cut to <paramref name="length"/>, still ending.</summary>
    internal int[] Encode(string text, int length)
    {
        var ids = new List<int> { Start };
        var plain = string.Concat(text.ToLowerInvariant().Where(char.IsAscii));
        foreach (var word in plain.Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeWhile(_ => ids.Count < length - 1))
        {
            int[] symbols = [_symbols[SpaceSymbol], .. word.Select(c => _symbols[c.ToString()])];
            ids.AddRange(PairMerges.Apply(symbols, _merges).Select(s => _ids.GetValueOrDefault(_names[s], _unknown)));
        }

        return [.. ids.Take(length - 1), End];
    }

    // What is merged on the way need not be in the vocabulary, so symbols have numbers of their own.
    private int Symbol(string name)
    {
        if (!_symbols.TryGetValue(name, out var symbol))
        {
            _symbols.Add(name, symbol = _names.Count);
            _names.Add(name);
        }

        return symbol;
    }
}
