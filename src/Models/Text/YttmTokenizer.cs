using System.Globalization;
using System.Text;
using Sightline.Models.Weights;

namespace Sightline.Models.Text;

/// <summary>
/// ruDALL-E's BPE, from the text file that YouTokenToMe writes (<c>bpe.model</c>): counts of characters and rules; characters with their
/// ids; rules <c>left right result</c> in order of priority; the ids of unknown, padding, start and end. Thread-safe.
/// </summary>
internal sealed class YttmTokenizer
{
    private const int WordStart = 0x2581;

    private readonly Dictionary<int, int> _characters = [];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges = [];
    private readonly int _unknown;
    private readonly int _start;
    private readonly int _end;

    private YttmTokenizer(IEnumerator<string> lines)
    {
        var counts = Next(2);
        for (var i = 0; i < counts[0]; i++)
        {
            var pair = Next(2);
            _characters.Add(pair[0], pair[1]);
        }

        for (var i = 0; i < counts[1]; i++)
        {
            var rule = Next(3);
            _merges.TryAdd((rule[0], rule[1]), (i, rule[2]));
        }

        var specials = Next(4);
        (_unknown, _start, _end) = (specials[0], specials[2], specials[3]);
        VocabularySize = _characters.Values.Concat(_merges.Values.Select(m => m.Merged)).Concat(specials).Max() + 1;

        int[] Next(int numbers)
        {
            var line = lines.MoveNext() ? lines.Current : throw new InvalidDataException("the file ends early.");
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return parts.Length == numbers ? Array.ConvertAll(parts, p => int.Parse(p, CultureInfo.InvariantCulture))
                : throw new InvalidDataException($"\"{line}\" is not {numbers} numbers.");
        }
    }

    /// <summary>Rows that the token table must have.</summary>
    internal int VocabularySize { get; }

    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    internal static YttmTokenizer Load(string path)
    {
        try
        {
            using var lines = File.ReadLines(path).GetEnumerator();
            return new YttmTokenizer(lines);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or OverflowException or ArgumentException or IOException)
        {
            throw new ModelFormatException(path, $"this is no vocabulary of YouTokenToMe: {e.Message}", e);
        }
    }

    /// <summary>Start, the text in lower case, end; cut to <paramref name="length"/>, still ending.</summary>
    internal int[] Encode(string text, int length)
    {
        var ids = new List<int> { _start };
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words.TakeWhile(_ => ids.Count < length - 1))
        {
            ids.AddRange(PairMerges.Apply(Symbols(word), _merges));
        }

        return [.. ids.Take(length - 1), _end];
    }

    private List<int> Symbols(string word)
    {
        var symbols = new List<int>();
        foreach (var rune in word.EnumerateRunes().Prepend(new Rune(WordStart)))
        {
            if (_characters.TryGetValue(rune.Value, out var id))
            {
                symbols.Add(id);
            }
            else if (symbols.Count == 0 || symbols[^1] != _unknown)
            {
                symbols.Add(_unknown); // Unknown characters in a row are one token.
            }
        }

        return symbols;
    }
}
