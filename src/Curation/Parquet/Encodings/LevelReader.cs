using System.Numerics;

namespace Sightline.Curation.Parquet;

/// <summary>Reads the definition or repetition levels of a page.</summary>
internal sealed class LevelReader
{
    private readonly RunReader? _runs;
    private readonly EncodedBytes _packed;
    private readonly byte _most;
    private long _packedBit;

    private LevelReader(RunReader? runs, EncodedBytes packed, int most) => (_runs, _packed, _most) = (runs, packed, (byte)most);

    /// <summary>Levels as runs and bit-packed groups.</summary>
    /// <param name="most">The highest level of the column.</param>
    internal static LevelReader OfRuns(EncodedBytes bytes, int most) =>
        new(new RunReader(bytes, BitPacking.WidthOf((uint)most)), default, most);

    /// <summary>Levels packed from the most significant bit on (Encodings.md, "Bit-packed (Deprecated)").</summary>
    internal static LevelReader OfPacked(EncodedBytes bytes, int most) => new(null, bytes, most);

    /// <returns>Bytes that the deprecated packing takes.</returns>
    internal static long PackedLength(int count, int most) => (((long)count * BitPacking.WidthOf((uint)most)) + 7) / 8;

    /// <exception cref="InvalidDataException">There are fewer levels, or a level is higher than the column's.</exception>
    internal void Read(Span<byte> levels)
    {
        if (_runs is null)
        {
            ReadPacked(levels);
        }
        else
        {
            ReadRuns(_runs, levels);
        }

        if (!BitOperations.IsPow2(_most + 1))
        {
            Check(levels);
        }
    }

    private void ReadRuns(RunReader runs, Span<byte> levels)
    {
        Span<uint> packed = stackalloc uint[256];
        while (levels.Length > 0)
        {
            var count = runs.Next(levels.Length, packed, out var isRun, out var level);
            if (isRun)
            {
                levels[..count].Fill(level <= _most ? (byte)level : throw TooHigh(level));
            }
            else
            {
                for (var i = 0; i < count; i++)
                {
                    levels[i] = (byte)packed[i];
                }
            }

            levels = levels[count..];
        }
    }

    private void ReadPacked(Span<byte> levels)
    {
        var width = BitPacking.WidthOf(_most);
        if (_packedBit + ((long)levels.Length * width) > (long)_packed.Length * 8)
        {
            throw new InvalidDataException("the page ends before its last level.");
        }

        var bytes = _packed.Span;
        foreach (ref var level in levels)
        {
            level = 0;
            for (var i = 0; i < width; i++, _packedBit++)
            {
                level = (byte)(level << 1 | (bytes[(int)(_packedBit >> 3)] >> (int)(7 - (_packedBit & 7)) & 1));
            }
        }
    }

    private void Check(ReadOnlySpan<byte> levels)
    {
        var wrong = levels.IndexOfAnyExceptInRange((byte)0, _most);
        if (wrong >= 0)
        {
            throw TooHigh(levels[wrong]);
        }
    }

    private InvalidDataException TooHigh(uint level) => new($"a page has the level {level}, its column has {_most} at most.");
}
