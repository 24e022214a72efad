namespace Sightline.Curation.Parquet;

/// <summary>
/// Reads whole numbers by their differences, in blocks of miniblocks that are packed each with a width of its own (Encodings.md,
/// DELTA_BINARY_PACKED). Sums wrap around, as the format wants; 32-bit numbers are the low halves.
/// </summary>
internal sealed class DeltaReader
{
    private const int Batch = 32;

    private readonly EncodedBytes _bytes;
    private readonly int _miniblockLength;
    private readonly int _miniblocks;
    private readonly ulong[] _deltas = new ulong[Batch];
    private int _at;
    private int _left;
    private bool _atFirst = true;
    private long _last;
    private long _leastDelta;
    private int _widths;
    private int _miniblock;
    private int _miniblockLeft;
    private int _width;
    private long _bit;

    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    internal DeltaReader(EncodedBytes bytes)
    {
        _bytes = bytes;
        _at = bytes.Start;
        var block = ReadVarint();
        var miniblocks = ReadVarint();
        var count = ReadVarint();
        _last = ReadZigzag();
        if (block is 0 or > int.MaxValue || block % 128 != 0 || count > int.MaxValue
            || miniblocks is 0 || block % miniblocks != 0 || block / miniblocks % Batch != 0)
        {
            throw new InvalidDataException($"{count} values in blocks of {block} with {miniblocks} miniblocks are against the format.");
        }

        _miniblocks = (int)miniblocks;
        _miniblockLength = (int)(block / miniblocks);
        _left = (int)count;
        Count = _left;
        _miniblock = _miniblocks;
    }

    /// <summary>How many numbers there are in all.</summary>
    internal int Count { get; }

    /// <exception cref="InvalidDataException">There are fewer numbers, or the bytes are damaged.</exception>
    internal void Read(Span<long> into)
    {
        if (into.Length > _left)
        {
            throw new InvalidDataException("the page ends before its last value.");
        }

        _left -= into.Length;
        if (_atFirst && into.Length > 0)
        {
            into[0] = _last;
            into = into[1..];
            _atFirst = false;
        }

        while (into.Length > 0)
        {
            if (_miniblockLeft == 0)
            {
                BeginMiniblock(_left + into.Length);
            }

            var count = Math.Min(Math.Min(into.Length, _miniblockLeft), Batch);
            BitPacking.UnpackLong(_bytes.Array, _bit, _width, _deltas.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                _last = unchecked(_last + _leastDelta + (long)_deltas[i]);
                into[i] = _last;
            }

            _bit += (long)count * _width;
            _miniblockLeft -= count;
            into = into[count..];
        }
    }

    /// <summary>Passes over all numbers; takes time by the bytes, not by the numbers they claim.</summary>
    /// <returns>What comes behind them.</returns>
    internal EncodedBytes Skip()
    {
        for (var left = Count - 1; left > 0; left -= _miniblockLength)
        {
            BeginMiniblock(left);
        }

        return _bytes.From(_at - _bytes.Start);
    }

    /// <param name="left">Numbers that are still to come.</param>
    private void BeginMiniblock(int left)
    {
        if (_miniblock == _miniblocks)
        {
            _leastDelta = ReadZigzag();
            _widths = _at;
            _miniblock = 0;
            Take(_miniblocks);
        }

        _width = _bytes.Array[_widths + _miniblock];
        if (_width > 64)
        {
            throw new InvalidDataException($"differences of {_width} bits were packed.");
        }

        _miniblock++;
        _miniblockLeft = Math.Min(_miniblockLength, left);
        _bit = (long)_at * 8;

        // The last miniblock is padded to its full length; some writers leave the padding out.
        var needed = ((long)_miniblockLeft * _width + 7) / 8;
        var full = (long)_miniblockLength / 8 * _width;
        Take(left <= _miniblockLength ? Math.Max(needed, Math.Min(full, _bytes.End - _at)) : full);
    }

    private void Take(long count)
    {
        if (count > _bytes.End - _at)
        {
            throw new InvalidDataException("the page ends in the middle of a block.");
        }

        _at += (int)count;
    }

    private long ReadZigzag()
    {
        var encoded = ReadVarint();
        return (long)(encoded >> 1) ^ -(long)(encoded & 1);
    }

    private ulong ReadVarint()
    {
        var number = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at == _bytes.End)
            {
                throw new InvalidDataException("the page ends in the middle of a number.");
            }

            var next = _bytes.Array[_at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("a number takes more than 10 bytes.");
    }
}
