using System.Runtime.InteropServices;

namespace Sightline.Training;

/// <summary>How this process gets memory for tensors on the CPU.</summary>
public static partial class NativeMemory
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;

    /// <summary>
    /// Keeps what was freed for what is asked for next. By glibc's defaults (mallopt(3)) each large tensor is mapped afresh and its pages
    /// are cleared again: every step of a training pays for that, a third of its time at a batch of 1,024. For a process that trains and
    /// does nothing else; call it before its first tensor.
    /// </summary>
    /// <exception cref="InvalidOperationException">The C library refuses.</exception>
    public static void KeepFreedBlocks()
    {
        (int Setting, int Value)[] settings = [(ArenaMax, 1), (MmapMax, 0), (TrimThreshold, int.MaxValue), (TopPad, 256 << 20)];
        foreach (var (setting, value) in settings)
        {
            if (Set(setting, value) == 0)
            {
                throw new InvalidOperationException($"mallopt({setting}, {value}) failed.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Set(int setting, int value);
}
