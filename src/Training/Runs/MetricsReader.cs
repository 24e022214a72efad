using System.Globalization;
using System.Text.Json;

namespace Sightline.Training.Runs;

/// <summary>A stretch of <c>metrics.jsonl</c>.</summary>
/// <param name="Records">In the file's order, but without those that a resumed training did again: steps of one kind only rise.</param>
/// <param name="Next">Where the next stretch begins: byte offset of the first line that was not read.</param>
/// <param name="HasMore">Whole lines follow.</param>
/// <param name="Faults">Lines that are no record.</param>
/// <param name="FirstFault">Where the first of these is, and what is wrong with it.</param>
public sealed record MetricsStretch(IReadOnlyList<MetricsRecord> Records, long Next, bool HasMore, int Faults, string? FirstFault);

/// <summary>
/// Reads <c>metrics.jsonl</c> while it grows. A line without its end is not there yet. Figures that are no numbers stand as the strings
/// <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>; null is read as NaN. A record whose step is not after the last of its kind comes
/// from a training that was resumed: it takes the place of all that was told from its step on.
/// </summary>
public static class MetricsReader
{
    /// <summary>Lines that are read at once.</summary>
    public const int MostRecords = 50_000;

    private const int BlockSize = 64 << 10;
    private const int LongestLine = 1 << 20;

    /// <param name="path">Of the file; one that is not there yet has no lines.</param>
    /// <param name="from">Byte offset of a line's beginning: 0, or <see cref="MetricsStretch.Next"/>.</param>
    /// <exception cref="ArgumentException">No line begins there: the file is another, or the offset is made up.</exception>
    public static MetricsStretch Read(string path, long from, CancellationToken cancellationToken)
    {
        if (!TrainingRuns.IsOrdinary(new FileInfo(path)))
        {
            return from == 0 ? new MetricsStretch([], 0, false, 0, null) : throw NoLine(path, from);
        }

        using var file = TrainingRuns.OpenShared(path);
        if (!IsLineStart(file, from))
        {
            throw NoLine(path, from);
        }

        return Read(file, from, cancellationToken);
    }

    /// <summary>The records of the file's last bytes: enough to tell how fast it goes now.</summary>
    public static IReadOnlyList<MetricsRecord> ReadTail(string path, CancellationToken cancellationToken)
    {
        if (!TrainingRuns.IsOrdinary(new FileInfo(path)))
        {
            return [];
        }

        using var file = TrainingRuns.OpenShared(path);
        file.Position = Math.Max(0, file.Length - BlockSize);
        while (file.Position > 0 && file.ReadByte() is not (-1 or '\n'))
        {
        }

        return Read(file, file.Position, cancellationToken).Records;
    }

    private static MetricsStretch Read(FileStream file, long from, CancellationToken cancellationToken)
    {
        var (records, lasts) = (new List<MetricsRecord>(), new Dictionary<string, long>());
        var (faults, lines, next) = (0, 0, from);
        string? firstFault = null;
        foreach (var (line, begin, end) in Lines(file, from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (lines++ == MostRecords)
            {
                return new MetricsStretch(records, next, true, faults, firstFault);
            }

            if (TryParse(line.Span, out var record, out var problem))
            {
                Add(records, lasts, record!);
            }
            else
            {
                faults++;
                firstFault ??= string.Create(CultureInfo.InvariantCulture, $"At byte {begin} of {Path.GetFileName(file.Name)}: {problem}");
            }

            next = end;
        }

        return new MetricsStretch(records, next, false, faults, firstFault);
    }

    private static void Add(List<MetricsRecord> records, Dictionary<string, long> lasts, MetricsRecord record)
    {
        if (lasts.TryGetValue(record.Kind, out var last) && record.Step <= last)
        {
            records.RemoveAll(r => r.Step >= record.Step);
            lasts.Clear();
            records.ForEach(r => lasts[r.Kind] = r.Step);
        }

        records.Add(record);
        lasts[record.Kind] = record.Step;
    }

    // Of a line that is too long to be a record nothing is kept; the next one may be one.
    private static IEnumerable<(ReadOnlyMemory<byte> Line, long Begin, long End)> Lines(FileStream file, long from)
    {
        file.Position = from;
        var buffer = new byte[LongestLine + BlockSize];
        var (start, end, skipped, begin) = (0, 0, 0L, from);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var next = begin + skipped + length + 1;
                yield return (skipped > 0 ? default : buffer.AsMemory(start, length), begin, next);
                (start, begin, skipped) = (start + length + 1, next, 0);
                continue;
            }

            if (end - start > LongestLine || skipped > 0)
            {
                skipped += end - start;
                (start, end) = (0, 0);
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                yield break;
            }

            end += read;
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out MetricsRecord? record, out string? problem)
    {
        (record, problem) = (null, null);
        try
        {
            if (line.IsEmpty || line.Length > LongestLine)
            {
                problem = "a line that is empty or longer than any record.";
                return false;
            }

            if (JsonSerializer.Deserialize<Line>(line, TrainingJson.Line) is not { Step: >= 0 } read)
            {
                problem = "no record of a step from 0 on.";
                return false;
            }

            record = new MetricsRecord(read.Step, read.Time, read.Kind, read.Figures.ToDictionary(f => f.Key, f => f.Value ?? double.NaN));
            return true;
        }
        catch (JsonException e)
        {
            problem = e.Message;
            return false;
        }
    }

    private static bool IsLineStart(FileStream file, long from)
    {
        if (from <= 0 || from > file.Length)
        {
            return from == 0;
        }

        file.Position = from - 1;
        return file.ReadByte() == '\n';
    }

    private static ArgumentException NoLine(string path, long from) =>
        new($"No line of {Path.GetFileName(path)} begins at byte {from}; begin at 0 again.");

    private sealed record Line(long Step, DateTimeOffset Time, string Kind, Dictionary<string, double?> Figures);
}
