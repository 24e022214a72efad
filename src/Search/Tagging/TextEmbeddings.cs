using System.Collections.Concurrent;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Embeddings of texts that are asked for again and again, kept while they are few. Thread-safe.</summary>
internal sealed class TextEmbeddings(IEmbedder embedder, DeviceQueue device)
{
    private const int BatchSize = 64;
    private const int Capacity = 20_000;

    private readonly ConcurrentDictionary<string, float[]> _known = new();

    /// <summary>Each text's embedding, each text embedded at most once.</summary>
    internal async Task<Dictionary<string, float[]>> EmbedAsync(
        IEnumerable<string> texts, DevicePriority priority, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, float[]>();
        var missing = new List<string>();
        foreach (var text in texts.Distinct())
        {
            if (_known.TryGetValue(text, out var known))
            {
                found.Add(text, known);
            }
            else
            {
                missing.Add(text);
            }
        }

        foreach (var batch in missing.Chunk(BatchSize))
        {
            var embedded = await device.RunAsync(priority, () => embedder.EmbedTexts(batch, cancellationToken), cancellationToken);
            foreach (var (text, embedding) in batch.Zip(embedded))
            {
                found.Add(text, embedding.Values.ToArray());
            }
        }

        if (_known.Count + missing.Count > Capacity)
        {
            _known.Clear();
        }

        foreach (var text in missing.Take(Capacity))
        {
            _known[text] = found[text];
        }

        return found;
    }
}
