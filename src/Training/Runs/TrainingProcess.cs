using System.Globalization;

namespace Sightline.Training.Runs;

/// <param name="Id">Process number.</param>
/// <param name="StartedTicks">Of the process, clock ticks since boot (field 22 of /proc/ID/stat).</param>
public sealed record TrainingProcess(int Id, long StartedTicks)
{
    private const int TicksField = 22;

    internal static TrainingProcess Current { get; } = new(
        Environment.ProcessId, ReadTicks(Environment.ProcessId) ?? throw new IOException("/proc does not tell when this process began."));

    /// <summary>Whether this process, and not a later one with its number, still runs.</summary>
    internal bool IsAlive => ReadTicks(Id) == StartedTicks;

    /// <summary>Null where there is no such process, or it has ended and only waits for its parent to hear of it.</summary>
    private static long? ReadTicks(int id)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        }
        catch (IOException)
        {
            // Not there, or gone between opening and reading (ESRCH).
            return null;
        }

        // Field 2 is the program's name in parentheses, which may hold spaces and parentheses itself; field 3 is the state.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : long.Parse(fields[TicksField - 3], CultureInfo.InvariantCulture);
    }
}
