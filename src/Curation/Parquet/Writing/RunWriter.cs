using System.Buffers;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Writes levels and dictionary indices as runs where at least eight are equal, and bit-packed groups of eight between (Encodings.md, "Run
/// Length Encoding / Bit-Packing Hybrid").
/// </summary>
internal static class RunWriter
{
    private const int Group = 8;

    /// <param name="width">Bits of a number, 0 to 32.</param>
    internal static void Write(ReadOnlySpan<int> numbers, int width, IBufferWriter<byte> into)
    {
        while (numbers.Length > 0)
        {
            var run = numbers.IndexOfAnyExcept(numbers[0]) is var end and >= 0 ? end : numbers.Length;
            if (run >= Group || run == numbers.Length)
            {
                WriteRun(numbers[0], run, width, into);
                numbers = numbers[run..];
                continue;
            }

            var packed = Group;
            while (packed < numbers.Length && !BeginsRun(numbers[packed..]))
            {
                packed += Group;
            }

            packed = Math.Min(packed, numbers.Length);
            WritePacked(numbers[..packed], width, into);
            numbers = numbers[packed..];
        }
    }

    private static bool BeginsRun(ReadOnlySpan<int> numbers) =>
        numbers.Length >= Group && !numbers[..Group].ContainsAnyExcept(numbers[0]);

    private static void WriteRun(int number, int count, int width, IBufferWriter<byte> into)
    {
        WriteVarint((uint)count << 1, into);
        for (var left = width; left > 0; left -= 8, number >>= 8)
        {
            Write((byte)number, into);
        }
    }

    /// <summary>The last group is filled up with zeros.</summary>
    private static void WritePacked(ReadOnlySpan<int> numbers, int width, IBufferWriter<byte> into)
    {
        var groups = (numbers.Length + Group - 1) / Group;
        WriteVarint((uint)groups << 1 | 1, into);
        var bytes = into.GetSpan(groups * width)[..(groups * width)];
        var (at, bits, held) = (0, 0ul, 0);
        foreach (var number in numbers)
        {
            bits |= (ulong)(uint)number << held;
            for (held += width; held >= 8; held -= 8, bits >>= 8)
            {
                bytes[at++] = (byte)bits;
            }
        }

        bytes[at..].Clear();
        if (held > 0)
        {
            bytes[at] = (byte)bits;
        }

        into.Advance(bytes.Length);
    }

    private static void WriteVarint(uint number, IBufferWriter<byte> into)
    {
        for (; number >= 0x80; number >>= 7)
        {
            Write((byte)(number | 0x80), into);
        }

        Write((byte)number, into);
    }

    private static void Write(byte value, IBufferWriter<byte> into)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }
}
