using Sightline.Models.Text;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>Captions as token ids, each encoded once. For one thread.</summary>
internal sealed class CaptionTokens(ClipTokenizer tokenizer, int contextLength)
{
    private const int MostCached = 1_000_000;

    // Attention costs what the longest row of a pass does: many rows are worth passes by length.
    private const int RowsByLength = 64;
    private const int MostPasses = 4;

    private readonly Dictionary<string, int[]> _ids = [];

    /// <summary>Start token, the caption, end token; at most the context length.</summary>
    internal int[] Of(string caption)
    {
        if (!_ids.TryGetValue(caption, out var ids))
        {
            if (_ids.Count >= MostCached)
            {
                _ids.Clear();
            }

            _ids.Add(caption, ids = tokenizer.Encode(caption, contextLength));
        }

        return ids;
    }

    /// <summary>Embeds captions in passes of like length, none longer than its longest caption: attention is causal, so what stands after
    /// the end token changes nothing.</summary>
    /// <param name="tower">[N, T] ids to [N, E].</param>
    /// <returns>[N, E], in the order of the captions.</returns>
    internal Tensor Embed(IReadOnlyList<string> captions, Device device, Func<Tensor, Tensor> tower)
    {
        using var scope = NewDisposeScope();
        var rows = captions.Select(Of).ToArray();
        int[] order = [.. Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Length)];
        var passes = Math.Clamp(rows.Length / RowsByLength, 1, MostPasses);
        var embedded = Enumerable.Range(0, passes).Select(pass =>
            tower(Ids(order[(rows.Length * pass / passes)..(rows.Length * (pass + 1) / passes)], rows, device)));
        var all = cat(embedded.ToArray());
        var places = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            places[order[i]] = i;
        }

        return all.index_select(0, tensor(places, device: device)).MoveToOuterDisposeScope();
    }

    private static Tensor Ids(int[] picked, int[][] rows, Device device)
    {
        var length = picked.Max(i => rows[i].Length);
        var ids = new long[picked.Length * length];
        for (var i = 0; i < picked.Length; i++)
        {
            for (var j = 0; j < rows[picked[i]].Length; j++)
            {
                ids[i * length + j] = rows[picked[i]][j];
            }
        }

        return tensor(ids, [picked.Length, length], device: device);
    }
}
