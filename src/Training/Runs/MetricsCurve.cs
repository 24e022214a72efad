namespace Sightline.Training.Runs;

/// <summary>One figure over the steps.</summary>
/// <param name="Kind">As in <see cref="MetricsRecord"/>.</param>
/// <param name="Name">Of the figure.</param>
/// <param name="Steps">Rising.</param>
/// <param name="Values">At these steps; of a thinned curve, the mean of the finite ones since the step before; NaN where there is none.</param>
/// <param name="Lows">Of a thinned curve, the least of these; otherwise null.</param>
/// <param name="Highs">Of a thinned curve, the greatest of these; otherwise null.</param>
/// <param name="NotFinite">The first steps at which the figure was no finite number.</param>
public sealed record MetricsCurve(
    string Kind, string Name, IReadOnlyList<long> Steps, IReadOnlyList<double> Values, IReadOnlyList<double>? Lows, IReadOnlyList<double>? Highs,
    IReadOnlyList<long> NotFinite)
{
    private const int MostNotFinite = 100;

    /// <summary>The curves of some records, in the order in which their figures come up.</summary>
    /// <param name="points">Most of a curve, which is thinned where it has more; null: all.</param>
    public static IReadOnlyList<MetricsCurve> From(IReadOnlyList<MetricsRecord> records, int? points)
    {
        var curves = new Dictionary<(string Kind, string Name), List<(long Step, double Value)>>();
        foreach (var record in records)
        {
            foreach (var (name, value) in record.Figures)
            {
                if (!curves.TryGetValue((record.Kind, name), out var curve))
                {
                    curves.Add((record.Kind, name), curve = []);
                }

                curve.Add((record.Step, value));
            }
        }

        return [.. curves.Select(c => c.Value.Count > points ? Thin(c.Key, c.Value, points.Value) : Whole(c.Key, c.Value))];
    }

    private static MetricsCurve Whole((string Kind, string Name) of, List<(long Step, double Value)> curve) => new(
        of.Kind, of.Name, [.. curve.Select(p => p.Step)], [.. curve.Select(p => p.Value)], null, null, NotFiniteOf(curve));

    // Parts of equal width in steps: a part in which nothing was measured has no point.
    private static MetricsCurve Thin((string Kind, string Name) of, List<(long Step, double Value)> curve, int points)
    {
        var (first, last) = (curve[0].Step, curve[^1].Step);
        var (steps, values, lows, highs) = (new List<long>(), new List<double>(), new List<double>(), new List<double>());
        foreach (var part in curve.GroupBy(p => (long)((p.Step - first) / (double)(last - first + 1) * points)))
        {
            steps.Add(part.Last().Step);
            var finite = part.Select(p => p.Value).Where(double.IsFinite).DefaultIfEmpty(double.NaN).ToList();
            values.Add(finite.Average());
            lows.Add(finite.Min());
            highs.Add(finite.Max());
        }

        return new MetricsCurve(of.Kind, of.Name, steps, values, lows, highs, NotFiniteOf(curve));
    }

    private static long[] NotFiniteOf(List<(long Step, double Value)> curve) =>
        [.. curve.Where(p => !double.IsFinite(p.Value)).Select(p => p.Step).Take(MostNotFinite)];
}
