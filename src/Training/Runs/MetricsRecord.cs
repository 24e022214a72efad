using System.Text.Json;

namespace Sightline.Training.Runs;

/// <summary>
/// One line of <c>metrics.jsonl</c>, such as
/// <code>{"step":120,"time":"2026-01-31T12:00:00Z","kind":"train","figures":{"loss":3.21,"rate":0.0005,"images_per_second":812.4,"waiting":0.01}}</code>
/// Lines after a resumed checkpoint's step repeat steps: the later line counts.
/// </summary>
/// <param name="Step">Updates done.</param>
/// <param name="Kind"><c>train</c> (means since the line before) or <c>validation</c>.</param>
/// <param name="Figures">By name; a training line has at least loss, rate, gradient_norm, images_per_second and waiting (the share of time
/// spent waiting for pictures, 0 to 1).</param>
public sealed record MetricsRecord(long Step, DateTimeOffset Time, string Kind, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>As it stands in <c>metrics.jsonl</c>, without the line's end; a figure that is no number is a text such as "NaN".</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Line);
}
