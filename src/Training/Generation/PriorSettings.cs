using Sightline.Models.Generation;
using Sightline.Models.Weights;

namespace Sightline.Training.Generation;

/// <summary>How a prior is trained, from <c>objective</c>, <c>samples</c> and <c>export</c>.</summary>
/// <param name="TextWeight">The text's part of the loss.</param>
/// <param name="CaptionDrop">How often a picture is learnt without its caption.</param>
/// <param name="BpeDropout">How often a merge of the captions' words is left out.</param>
/// <param name="CacheCodes">Codes of a picture are computed once: right only where pictures are not augmented.</param>
/// <param name="Captions">Held-out captions that pictures are drawn for.</param>
/// <param name="Each">Pictures for one.</param>
/// <param name="Sampling">How these are drawn.</param>
/// <param name="Weights">What the model's numbers are stored as.</param>
internal sealed record PriorSettings(
    double TextWeight, double CaptionDrop, double BpeDropout, bool CacheCodes, int Captions, int Each, SamplingOptions Sampling,
    WeightType Weights)
{
    internal static PriorSettings Read(ConfigSection config)
    {
        var (objective, samples) = (config.Section("objective"), config.Section("samples"));
        var drop = objective.Number("caption_drop", 0.1, 0, 1);
        var each = (int)samples.Integer("each", 4, 1, 64);
        return new PriorSettings(
            objective.Number("text_weight", PriorObjective.TextWeight, 0, 1), drop, objective.Number("bpe_dropout", 0, 0, 1),
            objective.Flag("cache_codes", false), (int)samples.Integer("captions", 6, 0, 64), each,
            new SamplingOptions(
                each, samples.Integer("seed", 0, 0, int.MaxValue), samples.Number("temperature", 1, 0, 100),
                (int)samples.Integer("top_k", 0, 0, int.MaxValue), samples.Number("top_p", 1, 1e-6, 1),
                samples.Number("guidance", drop > 0 ? 3 : 1, 0, 1000)),
            ModelFiles.TypeOf(config.Section("export")));
    }
}
