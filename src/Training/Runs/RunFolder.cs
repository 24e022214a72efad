namespace Sightline.Training.Runs;

/// <summary>
/// The folder of one training, all of it readable while it runs:
/// <code>
/// config.yaml                  as it was given
/// run.json                     TrainingRun
/// metrics.jsonl                one MetricsRecord a line, only ever appended to
/// checkpoints/step-00001000/   what --resume needs; the last ones and the best are kept
/// samples/step-00001000*.png   what the model could do then
/// model/                       the best model so far, as `sightline models add` and --model take it
/// </code>
/// </summary>
public sealed class RunFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Name => System.IO.Path.GetFileName(Path);

    public string Config => System.IO.Path.Combine(Path, "config.yaml");

    public string Run => System.IO.Path.Combine(Path, "run.json");

    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    public string Checkpoints => System.IO.Path.Combine(Path, "checkpoints");

    public string Samples => System.IO.Path.Combine(Path, "samples");

    public string Model => System.IO.Path.Combine(Path, "model");
}
