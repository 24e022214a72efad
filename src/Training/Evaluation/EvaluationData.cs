using System.Globalization;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Pictures with what is known of them, to measure a model by. <see cref="EvaluationSources"/> opens them.</summary>
public sealed class EvaluationData : IDisposable
{
    internal EvaluationData(ITrainingData pictures) => Pictures = pictures;

    /// <summary>Pictures in it.</summary>
    public int Count => Pictures.Count;

    /// <summary>SHA-256 over keys, captions, labels and the pictures' bytes; lower-case hexadecimal.</summary>
    public string Digest => Pictures.Digest;

    /// <summary>A sentence for each source of which something was left out: how much and why.</summary>
    public IReadOnlyList<string> LeftOut { get; private init; } = [];

    internal ITrainingData Pictures { get; }

    internal static EvaluationData Of(TrainingSet set) => new(set.Data)
    {
        LeftOut = [.. set.Reports.OfType<PackReport>().Where(r => r.Faults.Count > 0).Select(Describe)],
    };

    public void Dispose() => Pictures.Dispose();

    private static string Describe(PackReport report)
    {
        var reasons = report.Faults.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:N0}"));
        return $"Of {report.Source} was left out: {string.Join(", ", reasons)}; {Path.Combine(report.Folder, "faults.jsonl")} lists the first.";
    }
}
