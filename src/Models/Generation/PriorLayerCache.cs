using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>What layers of one pattern share: the stretch of each position, and what is added to the scores of its gaps.</summary>
internal sealed class PriorLayerPattern
{
    internal PriorLayerPattern(ImageAttention attention, TokenGrid grid, Prior prior)
    {
        (Attention, Windows, Slots) = (attention, attention.Windows(grid), attention.Slots(grid));
        if (Windows.Any(w => w.HasGaps))
        {
            var rows = new float[grid.Length * Slots];
            Array.Fill(rows, float.NegativeInfinity);
            for (var query = 0; query < Windows.Length; query++)
            {
                foreach (var slot in Windows[query].Slots)
                {
                    rows[query * Slots + slot] = 0;
                }
            }

            Gaps = tensor(rows, [grid.Length, Slots], prior.Type, prior.Device).DetachFromDisposeScope();
        }
    }

    internal ImageAttention Attention { get; }

    internal AttentionWindow[] Windows { get; }

    internal int Slots { get; }

    /// <summary>[P, S]: for each position, a number for each slot; null where no window has gaps.</summary>
    internal Tensor? Gaps { get; }
}

/// <summary>The keys and values of one layer.</summary>
internal sealed class PriorLayerCache : IDisposable
{
    private readonly PriorConfig _config;
    private readonly PriorLayerPattern _pattern;
    private readonly long _branches;
    private readonly long _candidates;
    private readonly long _heads;
    private readonly long _width;
    private readonly Tensor _textKeys; // [B H, L, E]
    private readonly Tensor _textValues;
    private readonly Tensor _imageKeys; // [B N H, S, E]
    private readonly Tensor _imageValues;

    internal PriorLayerCache(Prior prior, long branches, long candidates, PriorLayerPattern pattern)
    {
        _config = prior.Config;
        (_pattern, _branches, _candidates) = (pattern, branches, candidates);
        (_heads, _width) = (_config.Heads, _config.Width / _config.Heads);
        _textKeys = Room(branches * _heads, _config.TextLength);
        _textValues = Room(branches * _heads, _config.TextLength);
        _imageKeys = Room(branches * candidates * _heads, pattern.Slots);
        _imageValues = Room(branches * candidates * _heads, pattern.Slots);

        Tensor Room(long sequences, long length) =>
            zeros([sequences, length, _width], prior.Type, prior.Device).DetachFromDisposeScope();
    }

    internal PriorLayerPattern Pattern => _pattern;

    internal Tensor TextKeys => _textKeys;

    internal Tensor TextValues => _textValues;

    internal Tensor ImageKeys => _imageKeys;

    internal Tensor ImageValues => _imageValues;

    /// <summary>Stores the text's keys and values, and those of the first image tokens, which all candidates share.</summary>
    /// <param name="keys">[B, H, L + K, E].</param>
    internal void Keep(Tensor keys, Tensor values)
    {
        Keep(keys, _textKeys, _imageKeys);
        Keep(values, _textValues, _imageValues);
    }

    /// <summary>Stores one token's key and value and attends with its query; all are [B N, H, 1, E].</summary>
    internal Tensor Step(Tensor query, Tensor key, Tensor value, int position)
    {
        using var scope = NewDisposeScope();
        var (sequences, text, window) = (_branches * _candidates * _heads, (long)_config.TextLength, _pattern.Windows[position]);
        var slot = _pattern.Attention.Slot(_config.Grid, position);
        _imageKeys.narrow(1, slot, 1).copy_(key.view(sequences, 1, _width));
        _imageValues.narrow(1, slot, 1).copy_(value.view(sequences, 1, _width));

        var scaled = query * (1 / Math.Sqrt(_width));
        var ofText = ByHead(scaled.view(sequences, 1, _width)).bmm(_textKeys.transpose(1, 2)); // [B H, N, L]
        var ofImage = scaled.view(sequences, 1, _width).bmm(_imageKeys.narrow(1, window.Start, window.Length).transpose(1, 2));
        if (window.HasGaps)
        {
            ofImage += _pattern.Gaps!.select(0, position).narrow(0, window.Start, window.Length);
        }

        var weights = cat([ofText, ByHead(ofImage)], 2).softmax(2); // [B H, N, L + W]
        var fromText = weights.narrow(2, 0, text).bmm(_textValues); // [B H, N, E]
        var fromImage = ByCandidate(weights.narrow(2, text, window.Length)).bmm(_imageValues.narrow(1, window.Start, window.Length));
        var mixed = ByCandidate(fromText) + fromImage; // [B N H, 1, E]
        return mixed.view(-1, _heads, 1, _width).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _pattern.Gaps?.Dispose(); // Shared; a second time does nothing.
        _textKeys.Dispose();
        _textValues.Dispose();
        _imageKeys.Dispose();
        _imageValues.Dispose();
    }

    // [B N H, 1, X] -> [B H, N, X]
    private Tensor ByHead(Tensor x) => _candidates == 1 ? x
        : x.view(_branches, _candidates, _heads, -1).transpose(1, 2).reshape(_branches * _heads, _candidates, -1);

    // [B H, N, X] -> [B N H, 1, X]
    private Tensor ByCandidate(Tensor x) => _candidates == 1 ? x
        : x.view(_branches, _heads, _candidates, -1).transpose(1, 2).reshape(_branches * _candidates * _heads, 1, -1);

    private void Keep(Tensor from, Tensor text, Tensor image)
    {
        using var scope = NewDisposeScope();
        var (grid, attention, length) = (_config.Grid, _pattern.Attention, (long)_config.TextLength);
        text.view(_branches, _heads, length, _width).copy_(from.narrow(2, 0, length));
        var known = (int)(from.size(2) - length);
        if (known == 0)
        {
            return;
        }

        // Where a slot was used again, only the last position in it is still seen.
        var kept = Enumerable.Range(0, known).GroupBy(position => attention.Slot(grid, position))
            .Select(slot => (Slot: (long)slot.Key, Position: length + slot.Max())).ToList();
        var positions = tensor([.. kept.Select(k => k.Position)], device: from.device);
        var slots = tensor([.. kept.Select(k => k.Slot)], device: from.device);
        var rows = from.index_select(2, positions).unsqueeze(1).expand(_branches, _candidates, _heads, kept.Count, _width);
        image[TensorIndex.Colon, slots] = rows.reshape(-1, kept.Count, _width);
    }
}
