using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>DALL-E mini's candidates under way: the caption's keys and values once for all of them, their own tokens' each.</summary>
internal sealed class MinDalleDecoding : ITokenDecoding
{
    private readonly BartDecoder _decoder;
    private readonly int _vocabulary;
    private readonly long _branches;
    private readonly long _candidates;
    private readonly long _heads;
    private readonly long _width;
    private readonly Tensor _start; // [N]
    private readonly Tensor _mask; // [B H, 1, L]
    private readonly (Tensor Keys, Tensor Values)[] _text; // [B H, L, E]
    private readonly (Tensor Keys, Tensor Values)[] _image; // [B N H, P, E]

    /// <param name="state">[B, L, D]: the encoded captions, one for each branch.</param>
    /// <param name="mask">[B, 1, 1, L], added to the scores.</param>
    /// <param name="startToken">What the first token is predicted from.</param>
    /// <param name="vocabulary">Logits of the token table's later rows are left out.</param>
    internal MinDalleDecoding(BartDecoder decoder, Tensor state, Tensor mask, int candidates, int startToken, int vocabulary)
    {
        var config = decoder.Config;
        (_decoder, _vocabulary) = (decoder, vocabulary);
        (_branches, _candidates, _heads, _width) = (state.size(0), candidates, config.Heads, config.Width / config.Heads);
        using var scope = NewDisposeScope();
        _start = full([candidates], startToken, ScalarType.Int64, decoder.Device).DetachFromDisposeScope();
        _mask = mask.expand(_branches, _heads, 1, mask.size(-1)).reshape(_branches * _heads, 1, -1).DetachFromDisposeScope();
        _text = [.. decoder.TextKeysAndValues(state).Select(t => (Flat(t.Keys), Flat(t.Values)))];
        _image = [.. Enumerable.Range(0, config.Layers).Select(_ => (Room(), Room()))];

        Tensor Flat(Tensor x) => x.view(_branches * _heads, -1, _width).DetachFromDisposeScope();

        Tensor Room() =>
            zeros([_branches * candidates * _heads, config.Length, _width], decoder.Type, decoder.Device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public int Position { get; private set; }

    /// <inheritdoc/>
    public Tensor Next(Tensor? chosen)
    {
        using var scope = NewDisposeScope();

        // The input at a position is the token before it: the start token at the first.
        Position += chosen is null ? 0 : 1;
        var position = Position;
        var token = _decoder.Embed((chosen ?? _start).view(-1, 1), position); // [N, 1, D]
        var x = _branches == 1 ? token : token.repeat(_branches, 1, 1);
        var logits = _decoder.Step(
            x,
            layer => (query, key, value) => Attend(_image[layer], query, key, value, position),
            layer => query => Read(_text[layer], query));
        var next = logits.view(_branches, _candidates, -1).narrow(2, 0, _vocabulary);
        return next.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _start.Dispose();
        _mask.Dispose();
        foreach (var (keys, values) in _text.Concat(_image))
        {
            keys.Dispose();
            values.Dispose();
        }
    }

    // Stores one token's key and value, and attends to all so far; query, key and value are [B N, H, 1, E].
    private Tensor Attend((Tensor Keys, Tensor Values) cache, Tensor query, Tensor key, Tensor value, int position)
    {
        var sequences = _branches * _candidates * _heads;
        cache.Keys.narrow(1, position, 1).copy_(key.view(sequences, 1, _width));
        cache.Values.narrow(1, position, 1).copy_(value.view(sequences, 1, _width));
        var (keys, values) = (cache.Keys.narrow(1, 0, position + 1), cache.Values.narrow(1, 0, position + 1));
        var mixed = Mix(query.view(sequences, 1, _width), keys, values, null);
        return mixed.view(-1, _heads, 1, _width);
    }

    // All candidates of a branch read the same caption: [B N, H, 1, E] -> [B H, N, E] and back.
    private Tensor Read((Tensor Keys, Tensor Values) text, Tensor query)
    {
        var byHead = query.view(_branches, _candidates, _heads, _width).transpose(1, 2).reshape(_branches * _heads, _candidates, _width);
        var mixed = Mix(byHead, text.Keys, text.Values, _mask);
        return mixed.view(_branches, _heads, _candidates, _width).transpose(1, 2).reshape(-1, _heads, 1, _width);
    }

    private Tensor Mix(Tensor query, Tensor keys, Tensor values, Tensor? mask)
    {
        var scores = (query * (1 / Math.Sqrt(_width))).bmm(keys.transpose(1, 2));
        return (mask is null ? scores : scores + mask).softmax(-1).bmm(values);
    }
}
