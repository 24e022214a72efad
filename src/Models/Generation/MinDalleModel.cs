using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>DALL-E mini: an encoder of captions and a decoder of image tokens, with their tokenizer.</summary>
/// <param name="encode">From a text to at most that many tokens.</param>
/// <param name="padding">The text token after a caption's end; never attended to.</param>
/// <param name="grid">The tokens that the detokenizer knows; the decoder's table has a few rows more.</param>
/// <param name="startToken">What the first token is predicted from: 16384 in training; some releases of min-dalle take others.</param>
internal sealed class MinDalleModel(
    BartEncoder encoder, BartDecoder decoder, Func<string, int, int[]> encode, int padding, TokenGrid grid, int startToken) : ITokenModel
{
    public TokenGrid Grid => grid;

    public Device Device => encoder.Device;

    public ITokenDecoding Begin(string caption, bool guided, int candidates, ReadOnlySpan<int> known)
    {
        // Without a caption there are the start and the end of one.
        var length = encoder.Config.Length;
        var rows = CaptionRows.Encode(caption, guided, length, padding, encode);
        using var scope = NewDisposeScope();
        return Begin(tensor(rows, [rows.Length / length, length], device: encoder.Device), candidates);
    }

    public void Dispose()
    {
        encoder.Dispose();
        decoder.Dispose();
    }

    /// <param name="ids">[B, L], padded: one caption for each branch.</param>
    internal MinDalleDecoding Begin(Tensor ids, int candidates)
    {
        using var scope = NewDisposeScope();
        var mask = Mask(ids);
        return new MinDalleDecoding(decoder, encoder.Encode(ids, mask), mask, candidates, startToken, grid.Vocabulary);
    }

    /// <summary>Minus infinity at padding: [B, 1, 1, L].</summary>
    internal Tensor Mask(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var mask = zeros(ids.shape, encoder.Type, encoder.Device).masked_fill(ids.eq(padding), double.NegativeInfinity);
        return mask.unsqueeze(1).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
