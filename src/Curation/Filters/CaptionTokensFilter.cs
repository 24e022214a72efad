using System.Text;
using Sightline.Models.Text;
using Sightline.Models.Weights;

namespace Sightline.Curation;

/// <summary>
/// Captions have so many tokens of CLIP's byte-level BPE (<see cref="ClipTokenizer"/>), start and end not counted: OpenAI's CLIP reads 75
/// of them and no more. Bounds are inclusive; null: none.
/// </summary>
public sealed class CaptionTokensFilter(ClipTokenizer tokenizer, int? minTokens, int? maxTokens) : PairFilter(
    "caption_tokens", FilterCost.Texts,
    new DropReason("few_tokens", $"fewer than {minTokens} tokens"),
    new DropReason("many_tokens", $"more than {maxTokens} tokens"))
{
    // Start and end.
    private const int Framing = 2;

    internal static FilterDefinition Definition { get; } = new(
        "caption_tokens", "Caption tokens", "Captions are neither too short nor too long for CLIP, by its tokens.",
        [
            new FilterParameter("tokenizer", "Folder of the vocabulary: vocab.json and merges.txt, or tokenizer.json", ParameterKind.Text),
            new FilterParameter("min_tokens", "At least", ParameterKind.Integer, null, 0, 10_000, "tokens"),
            new FilterParameter("max_tokens", "At most", ParameterKind.Integer, null, 0, 10_000, "tokens"),
        ],
        Create);

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        // A token takes a byte or more.
        if (minTokens is null && pair.Caption.Length <= maxTokens && Ascii.IsValid(pair.Caption))
        {
            return Keep;
        }

        // One token more than the bounds tells enough.
        var most = Math.Max(minTokens ?? 0, (maxTokens ?? 0) + 1);
        var tokens = tokenizer.Encode(Encoding.UTF8.GetString(pair.Caption), most + Framing).Length - Framing;
        return tokens < minTokens ? 0 : tokens > maxTokens ? 1 : Keep;
    }

    private static CaptionTokensFilter Create(FilterArguments a)
    {
        var (min, max) = (a.Integer("min_tokens"), a.Integer("max_tokens"));
        if (min is null && max is null)
        {
            throw a.Fault("give min_tokens or max_tokens.");
        }

        return min > max
            ? throw a.Fault($"min_tokens {min} is above max_tokens {max}.")
            : new CaptionTokensFilter(Load(a), min, max);
    }

    private static ClipTokenizer Load(FilterArguments a)
    {
        var folder = a.Model("tokenizer")
            ?? throw a.Fault("give tokenizer, the name of a CLIP model, or the folder of one or of its vocabulary.");
        try
        {
            return ClipTokenizer.TryLoad(folder)
                ?? throw a.Fault($"there is no vocabulary in {folder}: neither vocab.json with merges.txt nor tokenizer.json.");
        }
        catch (ModelFormatException e)
        {
            throw new RecipeException($"caption_tokens: {e.Message}", e);
        }
    }
}
