using System.IO.Compression;
using System.Text.Json;
using Sightline.Models.Weights;

namespace Sightline.Models.Text;

/// <summary>Symbols, their ids and the merges between them, from any of the files that CLIP's vocabulary comes in.</summary>
internal sealed class BpeVocabulary
{
    /// <summary>Marks a symbol that ends its word.</summary>
    internal const string WordEnd = "</w>";

    internal const string StartText = "<|startoftext|>";

    internal const string EndText = "<|endoftext|>";

    private const int OpenAiMerges = 48_894;

    private readonly int[] _bytes = new int[256];
    private readonly int[] _lastBytes = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges = [];

    private BpeVocabulary(string path, Dictionary<string, int> ids, IEnumerable<string> merges)
    {
        Size = ids.Count == 0 ? 0 : ids.Values.Max() + 1;
        StartToken = Required(StartText, "<start_of_text>");
        EndToken = Required(EndText, "<end_of_text>");
        Specials = [.. ids.Where(i => i.Value == StartToken || i.Value == EndToken).Select(i => (i.Key, i.Value))];
        for (var value = 0; value < 256; value++)
        {
            var symbol = ByteSymbols[value].ToString();
            _bytes[value] = ids.GetValueOrDefault(symbol, EndToken);
            _lastBytes[value] = ids.GetValueOrDefault(symbol + WordEnd, EndToken);
        }

        var rank = 0;
        foreach (var merge in merges)
        {
            var space = merge.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || !ids.TryGetValue(merge[..space], out var left) || !ids.TryGetValue(merge[(space + 1)..], out var right)
                || !ids.TryGetValue(merge[..space] + merge[(space + 1)..], out var merged))
            {
                throw new ModelFormatException(path, $"merge {rank}, \"{merge}\", is not made of the vocabulary's symbols.");
            }

            _merges.TryAdd((left, right), (rank++, merged));
        }

        int Required(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (ids.TryGetValue(name, out var id))
                {
                    return id;
                }
            }

            throw new ModelFormatException(path, $"the vocabulary has no {names[0]}: it is not CLIP's kind.");
        }
    }

    internal int Size { get; }

    internal int StartToken { get; }

    internal int EndToken { get; }

    /// <summary>Tokens that stand for themselves when they occur in a text.</summary>
    internal IReadOnlyList<(string Text, int Id)> Specials { get; }

    // GPT-2's byte alphabet: printable bytes stand for themselves, the others for U+0100 and on (openai/CLIP bytes_to_unicode).
    private static string ByteSymbols { get; } = MakeByteSymbols();

    /// <summary>The byte symbols in the order of their ids: those that stand for themselves first.</summary>
    internal static IReadOnlyList<string> Alphabet { get; } =
        [.. Enumerable.Range(0, 256).OrderBy(b => ByteSymbols[b] >= 0x100).ThenBy(b => b).Select(b => ByteSymbols[b].ToString())];

    internal static string SymbolOf(byte value) => ByteSymbols[value].ToString();

    internal int Byte(byte value) => _bytes[value];

    internal int LastByte(byte value) => _lastBytes[value];

    internal bool TryMerge(int left, int right, out int rank, out int merged)
    {
        var found = _merges.TryGetValue((left, right), out var merge);
        (rank, merged) = merge;
        return found;
    }

    /// <summary>In this order: vocab.json with merges.txt, tokenizer.json, bpe_simple_vocab_16e6.txt(.gz); null where there is
    /// none.</summary>
    internal static BpeVocabulary? TryLoad(string folder)
    {
        var (vocab, merges) = (Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"));
        if (File.Exists(vocab) && File.Exists(merges))
        {
            return Guard(vocab, () => new BpeVocabulary(vocab, ReadIds(File.ReadAllBytes(vocab)), ReadMerges(merges)));
        }

        var tokenizer = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(tokenizer))
        {
            return Guard(tokenizer, () => FromTokenizerJson(tokenizer));
        }

        foreach (var name in new[] { "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt" })
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return Guard(path, () => FromOpenAi(path));
            }
        }

        return null;
    }

    private static BpeVocabulary FromTokenizerJson(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var model = json.RootElement.GetProperty("model");
        var ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetInt32());
        if (json.RootElement.TryGetProperty("added_tokens", out var added))
        {
            foreach (var token in added.EnumerateArray())
            {
                ids[token.GetProperty("content").GetString()!] = token.GetProperty("id").GetInt32();
            }
        }

        // Older files write "left right", newer ones ["left", "right"].
        return new BpeVocabulary(path, ids, model.GetProperty("merges").EnumerateArray().Select(m =>
            m.ValueKind == JsonValueKind.Array ? $"{m[0].GetString()} {m[1].GetString()}" : m.GetString()!).ToList());
    }

    // Byte symbols in the alphabet's own order, the same with the end mark, then the merges: openai/CLIP simple_tokenizer.py.
    private static BpeVocabulary FromOpenAi(string path)
    {
        using var file = File.OpenRead(path);
        using var text = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress) : file);
        var merges = text.ReadToEnd().Split('\n').Skip(1).Take(OpenAiMerges).ToList();
        var alphabet = Alphabet;
        var symbols = alphabet.Concat(alphabet.Select(s => s + WordEnd)).Concat(
            merges.Select(m => m.Replace(" ", "", StringComparison.Ordinal)))
            .Append(StartText).Append(EndText);
        var ids = new Dictionary<string, int>();
        foreach (var symbol in symbols)
        {
            ids[symbol] = ids.Count;
        }

        return new BpeVocabulary(path, ids, merges);
    }

    private static Dictionary<string, int> ReadIds(byte[] json) =>
        JsonSerializer.Deserialize<Dictionary<string, int>>(json) ?? throw new InvalidDataException("the vocabulary is empty.");

    // The first line is a version header where there is one; a merge never begins with "#version".
    private static IEnumerable<string> ReadMerges(string path) =>
        File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal));

    private static BpeVocabulary Guard(string path, Func<BpeVocabulary> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (
            e is JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or IOException
            or FormatException)
        {
            throw new ModelFormatException(path, $"this is no CLIP vocabulary: {e.Message}", e);
        }
    }

    private static string MakeByteSymbols()
    {
        var symbols = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
            symbols[value] = printable ? (char)value : (char)next++;
        }

        return new string(symbols);
    }
}
