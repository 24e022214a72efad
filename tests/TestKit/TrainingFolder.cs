using System.Globalization;
using System.Text.Json;

namespace Sightline.TestKit;

/// <summary>The folder of a training, written as a training writes it.</summary>
public sealed class TrainingFolder
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly string _path;

    /// <param name="path">Is made.</param>
    public TrainingFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.Combine(path, "samples"));
    }

    public string Name => Path.GetFileName(_path);

    public string Run => PathOf("run.json");

    public string Metrics => PathOf("metrics.jsonl");

    /// <summary>Clock ticks since boot when a process began: field 22 of /proc/ID/stat.</summary>
    public static long StartTicksOf(int process)
    {
        var stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    /// <param name="process">And when it began; null: this one.</param>
    public void WriteRun(
        string state, long step, long steps, string kind = "clip", string? error = null, long? bestStep = null, double? bestScore = null,
        (int Id, long StartedTicks)? process = null)
    {
        var (id, ticks) = process ?? (Environment.ProcessId, StartTicksOf(Environment.ProcessId));
        File.WriteAllText(Run + ".part", JsonSerializer.Serialize(
            new
            {
                kind, name = Name, state, steps, step, seed = 7, device = "cpu, bf16", dataDigest = "9f2c51d0a4", commit = "2132882",
                started = Start, updated = Start.AddSeconds(step), error, process = new { id, startedTicks = ticks }, bestStep, bestScore,
            }));
        File.Move(Run + ".part", Run, overwrite: true);
    }

    /// <summary>Adds a line, which took a second a step.</summary>
    public void AddLine(string kind, long step, params (string Name, double Value)[] figures) =>
        AddText(LineOf(kind, step, figures) + "\n");

    public static string LineOf(string kind, long step, params (string Name, double Value)[] figures)
    {
        var values = figures.Select(f => $"\"{f.Name}\":{(double.IsFinite(f.Value) ? f.Value.ToString("R", CultureInfo.InvariantCulture) : $"\"{f.Value.ToString(CultureInfo.InvariantCulture)}\"")}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"step":{{{step}}},"time":"{{{Start.AddSeconds(step):yyyy-MM-ddTHH:mm:ss.fffZ}}}","kind":"{{{kind}}}","figures":{{{{string.Join(',', values)}}}}}""");
    }

    public void AddText(string text) => File.AppendAllText(Metrics, text);

    public void AddSample(string file, byte[] png) => File.WriteAllBytes(Path.Combine(_path, "samples", file), png);

    public string PathOf(string file) => Path.Combine(_path, file);
}
