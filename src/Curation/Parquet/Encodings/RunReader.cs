namespace Sightline.Curation.Parquet;

/// <summary>
/// Reads the mix of runs and bit-packed groups that levels, dictionary indices and booleans come in (Encodings.md, "Run Length Encoding /
/// Bit-Packing Hybrid").
/// </summary>
internal sealed class RunReader
{
    private const int WidestNumber = 32;

    private readonly EncodedBytes _bytes;
    private readonly int _width;
    private int _at;
    private long _left;
    private bool _isRun;
    private uint _runValue;
    private long _packedBit;

    /// <param name="bytes">Without a length before them.</param>
    /// <param name="width">Bits of a number.</param>
    /// <exception cref="InvalidDataException">The width is out of range.</exception>
    internal RunReader(EncodedBytes bytes, int width)
    {
        _bytes = bytes;
        _width = width is >= 0 and <= WidestNumber ? width : throw new InvalidDataException($"numbers of {width} bits were packed.");
        _at = bytes.Start;
    }

    /// <summary>Reads the next stretch of numbers: of a run, as many as are wanted and left; of packed ones, no more than fit.</summary>
    /// <param name="wanted">1 at least.</param>
    /// <param name="packed">Holds the numbers if they are no run.</param>
    /// <param name="isRun">Whether all are equal to <paramref name="value"/>.</param>
    /// <returns>How many.</returns>
    /// <exception cref="InvalidDataException">No number is left, or the bytes are damaged.</exception>
    internal int Next(int wanted, Span<uint> packed, out bool isRun, out uint value)
    {
        while (_left == 0)
        {
            Begin();
        }

        isRun = _isRun;
        value = _runValue;
        if (isRun)
        {
            var count = (int)Math.Min(wanted, _left);
            _left -= count;
            return count;
        }

        var length = (int)Math.Min(Math.Min(wanted, packed.Length), _left);
        BitPacking.Unpack(_bytes.Array, _packedBit, _width, packed[..length]);
        _packedBit += (long)length * _width;
        _left -= length;
        return length;
    }

    private void Begin()
    {
        var header = ReadHeader();
        _isRun = (header & 1) == 0;
        _left = header >> 1;
        if (_isRun)
        {
            var bytes = (_width + 7) / 8;
            if (bytes > _bytes.End - _at)
            {
                throw new InvalidDataException("a run ends before its value.");
            }

            _runValue = 0;
            for (var i = 0; i < bytes; i++)
            {
                _runValue |= (uint)_bytes.Array[_at++] << (8 * i);
            }

            return;
        }

        // Some writers leave out the padding of the last group: the numbers that are whole are there.
        var available = Math.Min(_left * _width, _bytes.End - _at);
        _left = _width == 0 ? _left * 8 : available * 8 / _width;
        if (_left == 0 && header > 1)
        {
            throw new InvalidDataException("packed numbers are missing.");
        }

        _packedBit = (long)_at * 8;
        _at += (int)available;
    }

    private long ReadHeader()
    {
        var header = 0ul;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (_at == _bytes.End)
            {
                throw new InvalidDataException("the page ends before its last value.");
            }

            var next = _bytes.Array[_at++];
            header |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)header;
            }
        }

        throw new InvalidDataException("the length of a run takes more than 5 bytes.");
    }
}
