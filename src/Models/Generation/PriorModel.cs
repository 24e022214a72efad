using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>A prior with the tokenizer that its captions were trained with.</summary>
/// <param name="encode">From a text to at most that many tokens; of the empty text it gives what dropped captions are trained as.</param>
internal sealed class PriorModel(Prior prior, Func<string, int, int[]> encode) : ITokenModel
{
    public TokenGrid Grid => prior.Config.Grid;

    public Device Device => prior.Device;

    public ITokenDecoding Begin(string caption, bool guided, int candidates, ReadOnlySpan<int> known)
    {
        var length = prior.Config.TextLength;
        var rows = CaptionRows.Encode(caption, guided, length, Prior.Padding, encode);
        using var text = tensor(rows, [rows.Length / length, length], device: prior.Device);
        return new PriorDecoding(prior, text, candidates, known);
    }

    public void Dispose() => prior.Dispose();
}
