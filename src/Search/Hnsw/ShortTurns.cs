using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>
/// Asks the system for short turns on the core, and so for early ones, for threads that answer queries: what runs for a fraction of a
/// millisecond need not wait for the longer turns of others to end (custom slices, Linux 6.12 and later; elsewhere nothing happens).
/// </summary>
internal static partial class ShortTurns
{
    private const ulong Nanoseconds = 100_000;

    [ThreadStatic]
    private static bool _asked;

    /// <summary>Once for each thread; after that it costs nothing.</summary>
    internal static unsafe void Ask()
    {
        if (_asked)
        {
            return;
        }

        _asked = true;
        var number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 314,
            Architecture.Arm64 => 274,
            _ => 0,
        };
        if (number != 0)
        {
            // The niceness stays what it is; a refusal changes nothing.
            var attributes = new SchedulingAttributes
            {
                Size = (uint)sizeof(SchedulingAttributes), Nice = Posix.GetPriority(which: 0, who: 0), Runtime = Nanoseconds,
            };
            _ = SetAttributes(number, 0, &attributes, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static unsafe partial long SetAttributes(long number, int thread, SchedulingAttributes* attributes, uint flags);

    // struct sched_attr, see sched_setattr(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        internal uint Size;
        internal uint Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime;
        internal ulong Deadline;
        internal ulong Period;
    }
}
