namespace Sightline.Training.Runs;

/// <summary>How fast a training goes, by its last records.</summary>
/// <param name="StepsPerSecond">Validations and checkpoints between them included.</param>
/// <param name="ImagesPerSecond">As the last record says; null: it does not.</param>
public sealed record TrainingPace(double StepsPerSecond, double? ImagesPerSecond)
{
    // Between two records of a training at work there is a log interval, a validation at most; more is a break before it was resumed.
    private const int BreakFactor = 10;
    private static readonly TimeSpan LeastBreak = TimeSpan.FromMinutes(10);

    /// <returns>Null while too little is known.</returns>
    public static TrainingPace? Of(IReadOnlyList<MetricsRecord> records)
    {
        List<MetricsRecord> train = [.. records.Where(r => r.Kind == "train")];
        List<(long Steps, TimeSpan Time)> intervals =
            [.. train.Zip(train.Skip(1), (a, b) => (b.Step - a.Step, b.Time - a.Time)).Where(i => i.Item2 > TimeSpan.Zero)];
        if (intervals.Count == 0)
        {
            return null;
        }

        var usual = intervals.Select(i => i.Time).Order().ElementAt(intervals.Count / 2);
        var working = intervals.Where(i => i.Time <= usual * BreakFactor || i.Time < LeastBreak).ToList();
        double? images = train[^1].Figures.TryGetValue("images_per_second", out var figure) && double.IsFinite(figure) ? figure : null;
        return new TrainingPace(working.Sum(i => i.Steps) / working.Sum(i => i.Time.TotalSeconds), images);
    }

    /// <returns>Null where it does not move.</returns>
    public TimeSpan? TimeFor(long steps)
    {
        var seconds = steps / StepsPerSecond;
        return double.IsFinite(seconds) && seconds < TimeSpan.FromDays(10_000).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
