using Sightline.Models.Text;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A folder with DALL-E's parts: a prior (<c>model.safetensors</c> or its shards and index, <c>config.json</c>), the dVAE as OpenAI
/// publishes it (<c>encoder.pkl</c>, <c>decoder.pkl</c>) or as safetensors, and the captions' vocabulary.
/// </summary>
internal static class DalleFolder
{
    // The model's own distribution as in the paper, moved towards the caption as it was trained to be.
    private static readonly SamplingOptions Defaults = new(Guidance: 3);

    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    internal static GeneratorParts Load(string folder, Device device, ScalarType type)
    {
        var tokenizer = ClipTokenizer.TryLoad(folder) ?? throw new ModelFormatException(
            folder, "captions need a vocabulary, and there is none: vocab.json and merges.txt, or tokenizer.json.");
        using var file = Checkpoint.Open(Find(folder, "model.safetensors.index.json", "model.safetensors"));
        using var weights = new StoredWeights(file, device, type);
        var config = PriorConfig.Read(weights);
        if (tokenizer.VocabularySize > config.TextVocabulary)
        {
            throw weights.Wrong(
                $"the vocabulary beside it has {tokenizer.VocabularySize} tokens, the weights have {config.TextVocabulary}.");
        }

        var prior = new Prior(weights, config);
        try
        {
            weights.RequireAllTaken();
            var (dvae, digests) = Dvae.Load(FindEncoder(folder), FindDecoder(folder), device);
            return new GeneratorParts(new PriorModel(prior, tokenizer.Encode), dvae, [weights.Digest, .. digests], Defaults);
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    /// <summary>The encoder of a folder's dVAE.</summary>
    /// <inheritdoc cref="Find"/>
    internal static string FindEncoder(string folder) =>
        Find(folder, "encoder.safetensors.index.json", "encoder.safetensors", "encoder.pkl");

    /// <summary>The decoder of a folder's dVAE.</summary>
    /// <inheritdoc cref="Find"/>
    internal static string FindDecoder(string folder) =>
        Find(folder, "decoder.safetensors.index.json", "decoder.safetensors", "decoder.pkl");

    /// <summary>The first of these files that the folder has.</summary>
    /// <exception cref="ModelFormatException">It has none of them.</exception>
    internal static string Find(string folder, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (File.Exists(Path.Combine(folder, name)))
            {
                return Path.Combine(folder, name);
            }
        }

        throw new ModelFormatException(folder, $"there is no {string.Join(" or ", names.ToArray())} in this folder.");
    }
}
