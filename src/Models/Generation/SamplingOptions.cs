namespace Sightline.Models.Generation;

/// <summary>How tokens are drawn.</summary>
/// <param name="Count">Candidates, sampled together; 1 to 512.</param>
/// <param name="Seed">The same seed gives the same pictures on the same device. A candidate's chance is its own: the first of four is the
/// picture that one alone would be, up to rounding.</param>
/// <param name="Temperature">What logits are divided by; 1 is the model's own distribution, 0 always takes the likeliest token.</param>
/// <param name="TopK">Only the so many likeliest tokens can be drawn, and what is as likely as the last of them; 0: all.</param>
/// <param name="TopP">Only the likeliest tokens that together reach this probability can be drawn (Holtzman et al., arXiv 1904.09751);
/// above 0, to 1: all. Applied after <paramref name="TopK"/>.</param>
/// <param name="Guidance">Logits are moved away from those without the caption: u + s (c - u) (Ho and Salimans, arXiv 2207.12598); 1: not
/// moved, and half the work.</param>
public sealed record SamplingOptions(
    int Count = 1, long Seed = 0, double Temperature = 1, int TopK = 0, double TopP = 1, double Guidance = 1)
{
    private const int MostCandidates = 512;

    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range; names it.</exception>
    internal void Validate()
    {
        Require(Count is >= 1 and <= MostCandidates, nameof(Count), Count, $"1 to {MostCandidates}");
        Require(Temperature is >= 0 and <= 100, nameof(Temperature), Temperature, "0 to 100");
        Require(TopK >= 0, nameof(TopK), TopK, "0 or more");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "above 0, to 1");
        Require(Guidance is >= 0 and <= 1000, nameof(Guidance), Guidance, "0 to 1000");
    }

    private static void Require(bool holds, string name, object value, string range)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {range}.");
        }
    }
}
