using System.Text.Encodings.Web;
using System.Text.Json;
using Sightline.Models.Text;

namespace Sightline.Training.Tokenizer;

/// <summary>What a vocabulary became.</summary>
/// <param name="Captions">Texts that it was learned from.</param>
/// <param name="Words">Distinct words in them.</param>
/// <param name="Merges">Learned: fewer than asked for where no pair occurred often enough.</param>
/// <param name="VocabularySize">Symbols, with the start and the end token.</param>
public sealed record TrainedTokenizer(long Captions, int Words, int Merges, int VocabularySize);

/// <summary>
/// Learns a byte-level BPE vocabulary from captions, in CLIP's format (openai/CLIP simple_tokenizer.py, in Hugging Face's files): the 256
/// bytes, the same at a word's end, the merges, start and end token. Words are those that <see cref="ClipTokenizer"/> splits a text into:
/// text without spaces, such as Chinese, is one word from one sign of punctuation to the next.
/// </summary>
public static class TokenizerTrainer
{
    /// <summary>Writes <c>vocab.json</c> and <c>merges.txt</c>, from which <see cref="ClipTokenizer.TryLoad"/> reads.</summary>
    /// <param name="captions">Read once.</param>
    /// <param name="folder">Is made where it is not there.</param>
    public static TrainedTokenizer Train(
        IEnumerable<string> captions, TokenizerSettings settings, string folder, CancellationToken cancellationToken)
    {
        var words = new Dictionary<string, long>();
        long read = 0;
        foreach (var caption in captions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            read++;
            foreach (var word in ClipTokenizer.Words(caption))
            {
                words[word] = words.GetValueOrDefault(word) + 1;
            }
        }

        var learner = new MergeLearner(words);
        var merges = new List<string>(settings.Merges);
        while (merges.Count < settings.Merges && learner.TryMerge(settings.LeastCount, out var merge))
        {
            cancellationToken.ThrowIfCancellationRequested();
            merges.Add($"{merge.Left} {merge.Right}");
        }

        string[] symbols = [.. learner.Symbols, BpeVocabulary.StartText, BpeVocabulary.EndText];
        Directory.CreateDirectory(folder);
        WriteVocabulary(Path.Combine(folder, "vocab.json"), symbols);
        Replace(Path.Combine(folder, "merges.txt"), string.Concat(merges.Prepend("#version: 0.2").Select(line => line + "\n")));
        return new TrainedTokenizer(read, words.Count, merges.Count, symbols.Length);
    }

    private static void WriteVocabulary(string path, string[] symbols)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            for (var id = 0; id < symbols.Length; id++)
            {
                json.WriteNumber(symbols[id], id);
            }

            json.WriteEndObject();
        }

        Replace(path, System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".tmp", text);
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
