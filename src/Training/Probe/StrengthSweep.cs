namespace Sightline.Training.Probe;

/// <param name="Strength">Of the penalty.</param>
/// <param name="Score">On the validation split; higher is better.</param>
public readonly record struct SweepPoint(double Strength, double Score);

/// <summary>
/// The search for a penalty's strength in CLIP's paper (arXiv 2103.00020, appendix A.3): 1e-6, 1e-4, ..., 1e6, then the interval around the
/// best is halved until there are eight steps a decade. Among equally good ones the strongest penalty is taken.
/// </summary>
internal static class StrengthSweep
{
    // Steps are eighths of a decade: exact in whole numbers.
    private const int StepsPerDecade = 8;
    private const int Furthest = 6 * StepsPerDecade;

    /// <summary>Most strengths that are tried: seven, and two for each of the four times that the interval is halved.</summary>
    internal const int MostPoints = 15;

    /// <param name="score">Of a strength on the validation split; asked once for each.</param>
    /// <returns>The best strength, and all that were tried, weakest first.</returns>
    internal static (double Best, IReadOnlyList<SweepPoint> Tried) Run(Func<double, double> score)
    {
        var tried = new SortedDictionary<int, double>();
        var interval = 2 * StepsPerDecade;
        for (var at = -Furthest; at <= Furthest; at += interval)
        {
            Try(at);
        }

        while (interval > 1)
        {
            interval /= 2;
            var peak = Peak();
            Try(peak - interval);
            Try(peak + interval);
        }

        return (StrengthOf(Peak()), [.. tried.Select(t => new SweepPoint(StrengthOf(t.Key), t.Value))]);

        void Try(int at)
        {
            if (Math.Abs(at) <= Furthest && !tried.ContainsKey(at))
            {
                tried.Add(at, score(StrengthOf(at)));
            }
        }

        int Peak() => tried.MaxBy(t => (t.Value, t.Key)).Key;
    }

    private static double StrengthOf(int step) => Math.Pow(10, (double)step / StepsPerDecade);
}
