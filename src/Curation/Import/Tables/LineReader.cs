namespace Sightline.Curation.Import;

/// <summary>Lines of a text file as bytes, without their ends (LF, or CR and LF) and without a byte order mark.</summary>
internal sealed class LineReader(SourceStream stream)
{
    /// <summary>Bytes of the longest line that is read.</summary>
    internal const int LongestLine = 16 << 20;

    private const int AtEnd = -1;
    private const int TooFar = -2;

    private byte[] _bytes = new byte[1 << 17];
    private int _end;
    private bool _isAtEnd;

    // From here on, all places count from the start of the line: the bytes may move.
    private int _start;
    private int _length;
    private int _next;
    private int _firstLength;
    private int _firstNext;

    /// <summary>Of the line, from 1; of its first line where it was extended.</summary>
    internal long Number { get; private set; }

    /// <summary>Lines that the line goes on for, 1 unless it was extended.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<byte> Line => _bytes.AsSpan(_start, _length);

    /// <summary>The line is longer than any that is read, and empty.</summary>
    internal bool IsTooLong { get; private set; }

    /// <summary>Why the file could not be read to its end; null where it could.</summary>
    internal string? Damage { get; private set; }

    /// <summary>Bytes of the file that were read.</summary>
    internal long Position => stream.Position;

    /// <summary>Goes to the next line; false behind the last.</summary>
    internal bool TryAdvance()
    {
        if (Number == 0)
        {
            SkipByteOrderMark();
            Count = 1;
        }

        (Number, Count, IsTooLong) = (Number + Count, 1, false);
        _start += _next;
        var end = Find(0, LongestLine);
        if (end == TooFar)
        {
            SkipLine();
            return true;
        }

        if (end == AtEnd && (_end == _start || Damage is not null))
        {
            (_length, _next) = (0, 0);
            return false;
        }

        EndAt(end);
        (_firstLength, _firstNext) = (_length, _next);
        return true;
    }

    /// <summary>Adds the line that follows, with the end of line between; false where there is none, or both together have more bytes than
    /// said.</summary>
    internal bool TryExtend(int mostBytes)
    {
        var end = Find(_next, mostBytes);
        if (end == TooFar || (end == AtEnd && (_end - _start == _next || Damage is not null)))
        {
            return false;
        }

        EndAt(end);
        Count++;
        return true;
    }

    /// <summary>Gives back the lines that were added.</summary>
    internal void Retract() => (_length, _next, Count) = (_firstLength, _firstNext, 1);

    private void EndAt(int end)
    {
        (_length, _next) = end == AtEnd ? (_end - _start, _end - _start) : (end, end + 1);
        _length -= _length > 0 && _bytes[_start + _length - 1] == '\r' ? 1 : 0;
    }

    /// <summary>Where the next line feed is.</summary>
    private int Find(int from, int mostBytes)
    {
        for (var searched = from; ;)
        {
            var at = _bytes.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                return searched + at <= mostBytes ? searched + at : TooFar;
            }

            searched = _end - _start;
            if (searched > mostBytes)
            {
                return TooFar;
            }

            if (!Fill())
            {
                return AtEnd;
            }
        }
    }

    private void SkipLine()
    {
        (IsTooLong, _length) = (true, 0);
        int at;
        while ((at = _bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            _start = _end;
            if (!Fill())
            {
                _next = 0;
                return;
            }
        }

        _next = at + 1;
    }

    private void SkipByteOrderMark()
    {
        while (_end < 3 && Fill())
        {
        }

        _next = _bytes.AsSpan(0, _end).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
    }

    /// <summary>Reads on behind what is there; false at the end.</summary>
    private bool Fill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        if (_end == _bytes.Length)
        {
            MakeRoom();
        }

        try
        {
            var read = stream.Read(_bytes.AsSpan(_end));
            _end += read;
            _isAtEnd = read == 0;
        }
        catch (InvalidDataException e)
        {
            (_isAtEnd, Damage) = (true, e.Message);
        }

        return !_isAtEnd;
    }

    private void MakeRoom()
    {
        var kept = _bytes.AsSpan(_start, _end - _start);
        var bytes = kept.Length > _bytes.Length / 2 ? new byte[_bytes.Length * 2] : _bytes;
        kept.CopyTo(bytes);
        (_bytes, _end, _start) = (bytes, kept.Length, 0);
    }
}
