using System.Buffers;

namespace Sightline.Curation.Import;

/// <summary>What stands in the place of a row.</summary>
internal enum DelimitedRow
{
    End,
    Row,
    Blank,
    TooLong,

    /// <summary>A quote is opened and not closed within what a row may have.</summary>
    OpenQuote,

    /// <summary>Something stands between a closing quote and the end of its field.</summary>
    BadQuote,
}

/// <summary>
/// Rows of a CSV (RFC 4180) or TSV as bytes. Bytes stay as they are, so that what is not UTF-8 is a row's fault and nobody else's; and a
/// quote that is never closed costs its line, not the rest of the file. A quote within a field is itself. In TSV, which has no quotes by
/// its definition but is written with them by pandas and others, quotes enclose a field where they do so on their line, or where the row
/// would be short of fields otherwise; elsewhere they are themselves.
/// </summary>
internal sealed class DelimitedReader(LineReader lines, byte delimiter, bool quotesMayBeText)
{
    private const byte Quote = (byte)'"';
    private const int LongestRow = 1 << 20;
    private const int MostLines = 1000;

    private readonly ArrayBufferWriter<byte> _unquoted = new(256);
    private (int Start, int Length, bool HasDoubled)[] _fields = new (int, int, bool)[16];
    private bool _endsOpen;

    /// <summary>Fields of the row.</summary>
    internal int Count { get; private set; }

    /// <summary>A field without its quotes, until the next is asked for.</summary>
    internal ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var (start, length, hasDoubled) = _fields[index];
            var field = lines.Line.Slice(start, length);
            return hasDoubled ? Undouble(field) : field;
        }
    }

    /// <param name="fields">That the row should have; 0 where that is not known.</param>
    internal DelimitedRow Read(int fields)
    {
        Count = 0;
        if (!lines.TryAdvance())
        {
            return DelimitedRow.End;
        }

        if (lines.IsTooLong)
        {
            return DelimitedRow.TooLong;
        }

        if (lines.Line.IsEmpty)
        {
            return DelimitedRow.Blank;
        }

        var row = Split(lines.Line, quotesMayBeText);
        return row == DelimitedRow.OpenQuote || (quotesMayBeText && _endsOpen && Count < fields) ? ReadOn(fields) : row;
    }

    private DelimitedRow ReadOn(int fields)
    {
        var row = DelimitedRow.OpenQuote;
        while (row == DelimitedRow.OpenQuote)
        {
            var before = lines.Line.Length;
            if (lines.Count == MostLines || !lines.TryExtend(LongestRow))
            {
                break;
            }

            if (lines.Line[before..].Contains(Quote))
            {
                row = Split(lines.Line, mayBeText: false);
            }
        }

        if (row == DelimitedRow.Row && (!quotesMayBeText || Count == fields))
        {
            return row;
        }

        // What was added are rows of their own.
        lines.Retract();
        return quotesMayBeText ? Split(lines.Line, mayBeText: true) : row;
    }

    private DelimitedRow Split(ReadOnlySpan<byte> line, bool mayBeText)
    {
        (Count, _endsOpen) = (0, false);
        var hasQuotes = line.Contains(Quote);
        for (var at = 0; ;)
        {
            var end = -1;
            if (hasQuotes && at < line.Length && line[at] == Quote)
            {
                var close = FindClose(line, at + 1, out var hasDoubled);
                end = close < 0 ? -1 : close + 1;
                if (end >= 0 && (end == line.Length || line[end] == delimiter))
                {
                    Add(at + 1, close - at - 1, hasDoubled);
                }
                else if (!mayBeText)
                {
                    return end < 0 ? DelimitedRow.OpenQuote : DelimitedRow.BadQuote;
                }
                else
                {
                    (end, _endsOpen) = (-1, _endsOpen || close < 0);
                }
            }

            if (end < 0)
            {
                var length = line[at..].IndexOf(delimiter);
                end = length < 0 ? line.Length : at + length;
                Add(at, end - at, hasDoubled: false);
            }

            if (end == line.Length)
            {
                return DelimitedRow.Row;
            }

            at = end + 1;
        }
    }

    private static int FindClose(ReadOnlySpan<byte> line, int from, out bool hasDoubled)
    {
        hasDoubled = false;
        while (true)
        {
            var at = line[from..].IndexOf(Quote);
            if (at < 0)
            {
                return -1;
            }

            at += from;
            if (at + 1 >= line.Length || line[at + 1] != Quote)
            {
                return at;
            }

            hasDoubled = true;
            from = at + 2;
        }
    }

    private void Add(int start, int length, bool hasDoubled)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, 2 * Count);
        }

        _fields[Count++] = (start, length, hasDoubled);
    }

    private ReadOnlySpan<byte> Undouble(ReadOnlySpan<byte> field)
    {
        _unquoted.ResetWrittenCount();
        for (int at; (at = field.IndexOf(Quote)) >= 0; field = field[(at + 2)..])
        {
            _unquoted.Write(field[..(at + 1)]);
        }

        _unquoted.Write(field);
        return _unquoted.WrittenSpan;
    }
}
