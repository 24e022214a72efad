using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A folder as min-dalle publishes DALL-E mini and mega: <c>encoder.pt</c>, <c>decoder.pt</c>, <c>vocab.json</c>, <c>merges.txt</c> (each
/// with <c>_mini</c> before its ending for the small model) and <c>detoker.pt</c>; <c>config.json</c> of dalle-mini where there is one.
/// </summary>
internal static class MinDalleFolder
{
    /// <summary>Beside the weights, this file tells the layout.</summary>
    internal const string Mark = "detoker.pt";

    // dalle-mini's, for both sizes.
    private const int UsualStartToken = 16384;

    // How min-dalle samples.
    private static readonly SamplingOptions Defaults = new(TopK: 256, Guidance: 16);

    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    internal static GeneratorParts Load(string folder, Device device, ScalarType type)
    {
        var size = File.Exists(Path.Combine(folder, "encoder.pt")) ? "" : "_mini";
        var settings = ReadSettings(folder);
        var tokenizer = MinDalleTokenizer.Load(
            DalleFolder.Find(folder, $"vocab{size}.json"), DalleFolder.Find(folder, $"merges{size}.txt"));
        var (detokenizer, detokenizerDigest) = LoadDetokenizer(Path.Combine(folder, Mark), device);
        try
        {
            using var encoderFile = Checkpoint.Open(DalleFolder.Find(folder, $"encoder{size}.pt"));
            using var decoderFile = Checkpoint.Open(DalleFolder.Find(folder, $"decoder{size}.pt"));
            using var encoderWeights = new StoredWeights(encoderFile, device, type, impliedOnes: BartConfig.IsImpliedOne);
            using var decoderWeights = new StoredWeights(decoderFile, device, type, impliedOnes: BartConfig.IsImpliedOne);
            var (encoder, decoder) = LoadHalves(encoderWeights, decoderWeights, settings);
            var side = (int)Math.Sqrt(decoder.Config.Length);
            var start = settings.StartToken ?? UsualStartToken;
            if (side * side != decoder.Config.Length || start < 0 || start >= decoder.Config.Vocabulary
                || decoder.Config.Vocabulary < detokenizer.Vocabulary || encoder.Config.Vocabulary < tokenizer.VocabularySize)
            {
                throw decoderWeights.Wrong(
                    $"{decoder.Config.Length} tokens of {decoder.Config.Vocabulary} kinds, begun by {start}, do not fit a detokenizer of "
                    + $"{detokenizer.Vocabulary}, or {tokenizer.VocabularySize} text tokens an encoder of {encoder.Config.Vocabulary}.");
            }

            var grid = new TokenGrid(side, side, detokenizer.Vocabulary);
            return new GeneratorParts(
                new MinDalleModel(encoder, decoder, tokenizer.Encode, tokenizer.Padding, grid, start), detokenizer,
                [encoderWeights.Digest, decoderWeights.Digest, detokenizerDigest], Defaults);
        }
        catch
        {
            detokenizer.Dispose();
            throw;
        }
    }

    /// <exception cref="ModelFormatException">A tensor is missing, too many or of the wrong shape; names it.</exception>
    internal static (BartEncoder Encoder, BartDecoder Decoder) LoadHalves(
        StoredWeights encoderWeights, StoredWeights decoderWeights, MinDalleSettings settings)
    {
        using var guard = no_grad();
        var encoder = new BartEncoder(encoderWeights, BartConfig.Read(encoderWeights, settings.EncoderHeads));
        encoderWeights.RequireAllTaken();
        var decoder = new BartDecoder(decoderWeights, BartConfig.Read(decoderWeights, settings.DecoderHeads));
        decoderWeights.RequireAllTaken();
        return decoder.Config.Width == encoder.Config.Width ? (encoder, decoder)
            : throw decoderWeights.Wrong($"its width is {decoder.Config.Width}, the encoder's {encoder.Config.Width}.");
    }

    private static (Vqgan Model, byte[] Digest) LoadDetokenizer(string path, Device device)
    {
        using var file = Checkpoint.Open(path);
        using var weights = new StoredWeights(file, device, ScalarType.Float32);
        using var guard = no_grad();
        var model = new Vqgan(weights, VqganConfig.Read(weights, "embedding.weight"), isSigned: false);
        weights.RequireAllTaken();
        return (model, weights.Digest);
    }

    private static MinDalleSettings ReadSettings(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<MinDalleSettings>(File.ReadAllBytes(path)) ?? new() : new();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"this is no configuration of DALL-E mini: {e.Message}", e);
        }
    }
}

/// <summary>What dalle-mini's configuration says and weights do not tell.</summary>
internal sealed record MinDalleSettings(
    [property: JsonPropertyName("encoder_attention_heads")] int? EncoderHeads = null,
    [property: JsonPropertyName("decoder_attention_heads")] int? DecoderHeads = null,
    [property: JsonPropertyName("decoder_start_token_id")] int? StartToken = null);
