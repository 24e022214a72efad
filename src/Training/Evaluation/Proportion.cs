namespace Sightline.Training.Evaluation;

/// <summary>A share that was counted, and how sure it is.</summary>
/// <param name="Share">0 to 1.</param>
/// <param name="Low">Of the 95 % interval.</param>
/// <param name="High">Of the 95 % interval.</param>
public sealed record Proportion(double Share, double Low, double High)
{
    private const double Z = 1.959964;

    /// <summary>Wilson's score interval (1927), which stays within 0 to 1 and holds for small counts.</summary>
    /// <param name="trials">Independent ones, 1 at least.</param>
    internal static Proportion Of(double share, int trials)
    {
        var weight = Z * Z / trials;
        var middle = (share + weight / 2) / (1 + weight);
        var half = Z / (1 + weight) * Math.Sqrt(share * (1 - share) / trials + weight / (4.0 * trials));
        return new Proportion(share, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
