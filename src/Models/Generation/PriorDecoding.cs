using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A prior's candidates under way. The caption's keys and values are the same for all candidates and kept once; each candidate has slots
/// for its image tokens, laid out so that what a layer's pattern sees is one stretch: a step writes one slot and reads views.
/// </summary>
internal sealed class PriorDecoding : ITokenDecoding
{
    private readonly Prior _prior;
    private readonly int _candidates;
    private readonly LayerCache[] _layers;
    private readonly Tensor _positions;
    private readonly long _branches;
    private Tensor? _first;

    /// <param name="text">[B, L]: the captions, one for each branch.</param>
    /// <param name="known">The first image tokens; whole rows of them are taken in at once with the text.</param>
    internal PriorDecoding(Prior prior, Tensor text, int candidates, ReadOnlySpan<int> known)
    {
        var config = prior.Config;
        (_prior, _candidates, _branches) = (prior, candidates, text.size(0));
        Position = Math.Min(known.Length, config.Grid.Length - 1) / config.Grid.Columns * config.Grid.Columns;
        using var scope = NewDisposeScope();
        var patterns = config.Attention.Distinct().ToDictionary(a => a, a => new Pattern(a, config.Grid, prior));
        _layers = [.. config.Attention.Select(a => new LayerCache(prior, _branches, candidates, patterns[a]))];
        _positions = prior.ImagePositions().DetachFromDisposeScope();
        _first = TakeIn(text, known[..Position]).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public int Position { get; private set; }

    /// <inheritdoc/>
    public Tensor Next(Tensor? chosen)
    {
        using var scope = NewDisposeScope();
        if (_first is { } logits)
        {
            _first = null;
            var alike = logits.clone().expand(_branches, _candidates, logits.size(-1)).MoveToOuterDisposeScope();
            logits.Dispose();
            return alike;
        }

        var position = Position++;
        var token = _prior.EmbedImage(chosen!.view(-1, 1), _positions.narrow(0, position, 1)); // [N, 1, D]
        var x = _branches == 1 ? token : token.repeat(_branches, 1, 1); // [B N, 1, D]
        var hidden = _prior.Run(x, layer => (query, key, value) => _layers[layer].Step(query, key, value, position));
        var next = _prior.ImageLogits(hidden).view(_branches, _candidates, -1);
        return next.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _first?.Dispose();
        _positions.Dispose();
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    // The text and the rows that are known, for all candidates at once. Returns the logits of the first token to choose, [B, 1, V].
    private Tensor TakeIn(Tensor text, ReadOnlySpan<int> known)
    {
        var x = _prior.EmbedText(text);
        if (known.Length > 0)
        {
            var ids = tensor(Array.ConvertAll(known.ToArray(), id => (long)id), device: text.device).view(1, -1).expand(_branches, known.Length);
            x = cat([x, _prior.EmbedImage(ids, _positions.narrow(0, 0, known.Length))], 1);
        }

        var length = x.size(1);
        var hidden = _prior.Run(x, layer => (query, key, value) =>
        {
            _layers[layer].Keep(key, value);
            var mask = _prior.Mask(layer).narrow(0, 0, length).narrow(1, 0, length);
            return nn.functional.scaled_dot_product_attention(query, key, value, mask);
        });
        return _prior.ImageLogits(hidden.narrow(1, length - 1, 1)).to(ScalarType.Float32);
    }

    /// <summary>What layers of one pattern share: the stretch of each position, and what is added to the scores of its gaps.</summary>
    private sealed class Pattern
    {
        internal Pattern(ImageAttention attention, TokenGrid grid, Prior prior)
        {
            (Attention, Windows) = (attention, attention.Windows(grid));
            if (Windows.Any(w => w.HasGaps))
            {
                var rows = new float[grid.Length * grid.Length];
                Array.Fill(rows, float.NegativeInfinity);
                for (var query = 0; query < Windows.Length; query++)
                {
                    foreach (var slot in Windows[query].Slots)
                    {
                        rows[query * grid.Length + slot] = 0;
                    }
                }

                Gaps = tensor(rows, [grid.Length, grid.Length], prior.Type, prior.Device).DetachFromDisposeScope();
            }
        }

        internal ImageAttention Attention { get; }

        internal AttentionWindow[] Windows { get; }

        /// <summary>[P, P]: for each position, a number for each slot; null where no window has gaps.</summary>
        internal Tensor? Gaps { get; }
    }

    /// <summary>The keys and values of one layer.</summary>
    private sealed class LayerCache : IDisposable
    {
        private readonly PriorConfig _config;
        private readonly Pattern _pattern;
        private readonly long _branches;
        private readonly long _candidates;
        private readonly long _heads;
        private readonly long _width;
        private readonly Tensor _textKeys; // [B H, L, E]
        private readonly Tensor _textValues;
        private readonly Tensor _imageKeys; // [B N H, P, E]
        private readonly Tensor _imageValues;

        internal LayerCache(Prior prior, long branches, long candidates, Pattern pattern)
        {
            _config = prior.Config;
            (_pattern, _branches, _candidates, _heads, _width) = (pattern, branches, candidates, _config.Heads, _config.Width / _config.Heads);
            _textKeys = Room(branches * _heads, _config.TextLength);
            _textValues = Room(branches * _heads, _config.TextLength);
            _imageKeys = Room(branches * candidates * _heads, _config.Grid.Length);
            _imageValues = Room(branches * candidates * _heads, _config.Grid.Length);

            Tensor Room(long sequences, long length) =>
                zeros([sequences, length, _width], prior.Type, prior.Device).DetachFromDisposeScope();
        }

        /// <summary>Stores the text's keys and values, and those of the first whole rows.</summary>
        /// <param name="keys">[B, H, L + rows C, E].</param>
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
            var grid = _config.Grid;
            text.view(_branches, _heads, _config.TextLength, _width).copy_(from.narrow(2, 0, _config.TextLength));
            var rows = (from.size(2) - _config.TextLength) / grid.Columns;
            if (rows > 0)
            {
                // Slots by columns are the transposed grid.
                var byColumn = _pattern.Attention.Pattern == AttentionPattern.Column;
                var (first, second) = byColumn ? (grid.Columns, grid.Rows) : (grid.Rows, grid.Columns);
                var slots = image.view(_branches, _candidates, _heads, first, second, _width);
                var raster = byColumn ? slots.transpose(3, 4) : slots;
                raster.narrow(3, 0, rows).copy_(
                    from.narrow(2, _config.TextLength, rows * grid.Columns).view(_branches, 1, _heads, rows, grid.Columns, _width));
            }
        }
    }
}
