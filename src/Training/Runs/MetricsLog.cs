using System.Text.Json;

namespace Sightline.Training.Runs;

/// <summary>The metrics of a run, as far as they go.</summary>
/// <param name="Records">In the order of steps. Where a resumed run went back, what it did again replaces what it had done.</param>
/// <param name="Damaged">Lines that are no records; the last one, while it is being written, is none of them.</param>
public sealed record MetricsLog(IReadOnlyList<MetricsRecord> Records, int Damaged)
{
    /// <summary>Reads <c>metrics.jsonl</c>; safe while a process writes it. Empty where there is none yet.</summary>
    public static MetricsLog Read(RunFolder folder)
    {
        if (!File.Exists(folder.Metrics))
        {
            return new MetricsLog([], 0);
        }

        using var file = new FileStream(folder.Metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return Parse(reader.ReadToEnd());
    }

    internal static MetricsLog Parse(string text)
    {
        // What follows the last line's end is a line that is being written, or was when its process was killed.
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var kinds = new Dictionary<string, List<MetricsRecord>>();
        var damaged = 0;
        foreach (var line in lines)
        {
            if (ParseLine(line) is not { } record)
            {
                damaged++;
                continue;
            }

            if (!kinds.TryGetValue(record.Kind, out var records))
            {
                kinds.Add(record.Kind, records = []);
            }

            // A run that went back to a checkpoint has forgotten what came after it.
            while (records is [.., var last] && last.Step >= record.Step)
            {
                records.RemoveAt(records.Count - 1);
            }

            records.Add(record);
        }

        return new MetricsLog([.. kinds.Values.SelectMany(k => k).OrderBy(r => r.Step)], damaged);
    }

    private static MetricsRecord? ParseLine(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsRecord>(line, TrainingJson.Line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
