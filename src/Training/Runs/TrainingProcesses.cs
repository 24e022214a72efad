using System.Globalization;
using System.Runtime.InteropServices;

namespace Sightline.Training.Runs;

/// <summary>What came of asking a training to stop.</summary>
public enum StopOutcome
{
    /// <summary>It was asked; it writes a checkpoint first.</summary>
    Asked,

    /// <summary>There is no such process any more.</summary>
    Gone,

    /// <summary>It belongs to another user of the machine.</summary>
    NotAllowed,
}

/// <summary>The process of a training, told apart from another that got its number later.</summary>
public static partial class TrainingProcesses
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int NoSuchProcess = 3;

    // Of /proc/ID/stat, counted from the one after the program's name.
    private const int StateField = 0;
    private const int StartedField = 19;

    /// <summary>This one.</summary>
    internal static TrainingProcess Current { get; } = new(
        Environment.ProcessId,
        ReadStat(Environment.ProcessId) is { } stat
            ? long.Parse(stat[StartedField], CultureInfo.InvariantCulture)
            : throw new IOException("/proc does not tell when this process began."));

    /// <summary>Whether it is still at work on this machine: one that has ended and was not waited for is not.</summary>
    public static bool IsAlive(this TrainingProcess process) =>
        ReadStat(process.Id) is { } stat && stat[StateField] is not ("Z" or "X") && stat[StartedField] == Text(process.StartedTicks);

    /// <summary>Asks it to stop as Ctrl-C does; one that was started with Ctrl-C ignored (in the background of a script) is asked by
    /// SIGTERM.</summary>
    public static StopOutcome AskToStop(this TrainingProcess process)
    {
        if (!process.IsAlive())
        {
            return StopOutcome.Gone;
        }

        if (Kill(process.Id, Ignores(process.Id, Interrupt) ? Terminate : Interrupt) == 0)
        {
            return StopOutcome.Asked;
        }

        return Marshal.GetLastPInvokeError() == NoSuchProcess ? StopOutcome.Gone : StopOutcome.NotAllowed;
    }

    // The program's name, in parentheses, may hold anything.
    private static string[]? ReadStat(int id)
    {
        if (id <= 0 || ReadProcess(id, "stat") is not { } text)
        {
            return null;
        }

        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartedField ? fields : null;
    }

    private static bool Ignores(int id, int signal)
    {
        const string Field = "SigIgn:";
        var line = ReadProcess(id, "status")?.Split('\n').FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
            && (mask & (1UL << (signal - 1))) != 0;
    }

    private static string? ReadProcess(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{Text(id)}/{file}");
        }
        catch (IOException)
        {
            // It is gone, perhaps while it was read.
            return null;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
