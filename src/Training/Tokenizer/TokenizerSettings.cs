namespace Sightline.Training.Tokenizer;

/// <summary>What a vocabulary is to be.</summary>
/// <param name="Merges">Most merges: the vocabulary has at most 514 symbols more (CLIP's has 48,894).</param>
/// <param name="LeastCount">Pairs that occur less often are not merged.</param>
public sealed record TokenizerSettings(int Merges = 7_500, int LeastCount = 2)
{
    /// <summary>Reads <c>merges</c> and <c>least_count</c>.</summary>
    internal static TokenizerSettings Read(ConfigSection config) =>
        new((int)config.Integer("merges", 7_500, 0, 1_000_000), (int)config.Integer("least_count", 2, 1, 1_000_000_000));
}
