namespace Sightline.Curation;

/// <summary>
/// Finds calendar dates: a day of a month or a month of a year, in digits ("2015-03-12", "12/03/15", "12.3.2015", "20150312", "03/2015",
/// "2015年3月12日") or with the month's name ("12 March 2015", "March 12th", "Mar. 2015", "le 1er mai 2015", "12 de marzo de 2015"), with the
/// time of day that follows. A year alone, a decade or a weekday is none: good captions have those.
/// </summary>
internal static class CalendarDates
{
    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    internal static void Find(ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length;)
        {
            var digit = text[at..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (digit < 0)
            {
                return;
            }

            at += digit;
            var number = Number.Read(text, at);
            var end = Digits(text, number);
            var start = at;
            if (end < 0)
            {
                end = AfterMonth(text, number, out start);
            }

            if (end < 0)
            {
                (start, end) = (at, BeforeMonth(text, number));
            }

            if (end >= 0)
            {
                end = AfterTime(text, end);
                marked.Add(CaptionMarks.Date, start, end);
            }

            at = Math.Max(end, number.End);
        }
    }

    // Numbers alone; returns where the date ends, -1: none begins here.
    private static int Digits(ReadOnlySpan<byte> text, Number first)
    {
        if (first.Start > 0 && (IsAsciiWord(text[first.Start - 1]) || text[first.Start - 1] is (byte)'$' or (byte)'#' || FollowsNumber(text, first.Start)))
        {
            return -1;
        }

        if (first.Length is 8 or 14)
        {
            return IsCompact(text, first) && Bytes.IsEdge(text, first.End) ? first.End : -1;
        }

        return first.Length switch
        {
            4 when first.IsYear => EastAsian(text, first, isYear: true) is >= 0 and var end ? end : YearFirst(text, first),
            1 or 2 => EastAsian(text, first, isYear: false) is >= 0 and var end ? end : DayOrMonthFirst(text, first),
            _ => -1,
        };
    }

    // yyyymmdd, or with hhmmss.
    private static bool IsCompact(ReadOnlySpan<byte> text, Number number)
    {
        var year = Number.Read(text[..(number.Start + 4)], number.Start).Value;
        var month = Number.Read(text[..(number.Start + 6)], number.Start + 4).Value;
        var day = Number.Read(text[..(number.Start + 8)], number.Start + 6).Value;
        return year is >= 1900 and <= 2099 && month is >= 1 and <= 12 && day is >= 1 and <= 31;
    }

    // 2015-03-12, 2015/3/12, 2015. 3. 12., 2015-03.
    private static int YearFirst(ReadOnlySpan<byte> text, Number year)
    {
        if (!Separator.TryRead(text, year.End, out var one))
        {
            return -1;
        }

        var month = Number.Read(text, one.End);
        if (month.Length > 2 || !month.IsMonth)
        {
            return -1;
        }

        if (Separator.TryRead(text, month.End, out var other) && other.Sign == one.Sign)
        {
            var day = Number.Read(text, other.End);
            return day.Length <= 2 && day.IsDay && EndsNumber(text, day.End, allowT: true) ? day.End : -1;
        }

        // 1911-12 is a span of years.
        var isSpan = month.Value == (year.Value + 1) % 100;
        return !one.IsSpaced && one.Sign != (byte)'.' && month.Length == 2 && !isSpan && EndsNumber(text, month.End) ? month.End : -1;
    }

    // 12/03/2015, 12.3.15, 03/12/2015, 03/2015.
    private static int DayOrMonthFirst(ReadOnlySpan<byte> text, Number first)
    {
        if (!Separator.TryRead(text, first.End, out var one))
        {
            return -1;
        }

        var second = Number.Read(text, one.End);
        if (second.Length == 4)
        {
            var isMonth = first.IsMonth && (first.Length == 2 || one.Sign == (byte)'/') && second.Value is >= 1900 and <= 2099;
            return isMonth && !one.IsSpaced && EndsNumber(text, second.End) ? second.End : -1;
        }

        if (second.Length > 2 || !IsDayAndMonth(first, second) || !Separator.TryRead(text, second.End, out var other) || other.Sign != one.Sign)
        {
            return -1;
        }

        var year = Number.Read(text, other.End);
        if (!EndsNumber(text, year.End))
        {
            return -1;
        }

        // 6-4-10 is a score, 1 . 2 . 10 a list.
        var isShort = year.Length == 2 && !one.IsSpaced && !other.IsSpaced
            && (one.Sign != (byte)'-' || (first.Length == 2 && second.Length == 2));
        return (year.Length == 4 && year.IsYear) || isShort ? year.End : -1;
    }

    private static bool IsDayAndMonth(Number one, Number other) => (one.IsDay && other.IsMonth) || (one.IsMonth && other.IsDay);

    // 2015年3月12日, 2015年3月, 3月12日; 2015년 3월 12일.
    private static int EastAsian(ReadOnlySpan<byte> text, Number number, bool isYear)
    {
        var end = number.End;
        if (isYear)
        {
            end = After(text, end, "年"u8, "년"u8);
            if (end < 0)
            {
                return -1;
            }

            number = Number.Read(text, Bytes.AfterBlanks(text, end));
            end = number.End;
        }

        if (!number.IsMonth || (end = After(text, end, "月"u8, "월"u8)) < 0)
        {
            return -1;
        }

        var day = Number.Read(text, Bytes.AfterBlanks(text, end));
        var dayEnd = day.IsDay ? After(text, day.End, "日"u8, "일"u8) : -1;
        return dayEnd >= 0 ? dayEnd : isYear ? end : -1;
    }

    private static int After(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        Bytes.StartsWith(text, at, one) ? at + one.Length : Bytes.StartsWith(text, at, other) ? at + other.Length : -1;

    // March 12, 2015; March 12th; Mar. 2015; Mar '15; marzo de 2015. The number stands after the month.
    private static int AfterMonth(ReadOnlySpan<byte> text, Number number, out int start)
    {
        var at = BackOverGap(text, number.Start);
        start = WordStart(text, at);
        if (at - start is 2 or 3 && IsOf(text[start..at]) && at < number.Start)
        {
            at = BackOverGap(text, start);
            start = WordStart(text, at);
        }

        var kind = at == number.Start ? MonthKind.None : MonthNames.KindOf(text[start..at]);
        if (kind == MonthKind.None)
        {
            return -1;
        }

        if (number.Length == 4)
        {
            return number.IsYear && kind != MonthKind.Rare && EndsNumber(text, number.End) ? number.End : -1;
        }

        if (number.Length == 2 && HasApostrophe(text, number.Start))
        {
            return kind != MonthKind.Rare && Bytes.IsEdge(text, number.End) ? number.End : -1;
        }

        if (number.Length > 2 || !number.IsDay)
        {
            return -1;
        }

        var end = AfterOrdinal(text, number.End);
        var isOrdinal = end > number.End;
        if (Year(text, end) is >= 0 and var yearEnd)
        {
            return yearEnd;
        }

        var isFeast = isOrdinal && IsFourthOfJuly(text[start..at], number);
        return !isFeast && (kind == MonthKind.Sure || (isOrdinal && kind == MonthKind.Doubtful)) && EndsNumber(text, end) ? end : -1;
    }

    // 12 March 2015; 12th of March; 1er mai; 12 de marzo de 2015; 1994. május 12. The number stands before the month.
    private static int BeforeMonth(ReadOnlySpan<byte> text, Number number)
    {
        var isDay = number.Length <= 2 && number.IsDay;
        if ((!isDay && !(number.Length == 4 && number.IsYear)) || (number.Start > 0 && IsAsciiWord(text[number.Start - 1])))
        {
            return -1;
        }

        var end = isDay ? AfterOrdinal(text, number.End) : number.End;
        var isOrdinal = end > number.End;
        var at = OverGap(text, end);
        var wordEnd = Bytes.AfterWord(text, at);
        if (wordEnd - at is 2 or 3 && IsOf(text[at..wordEnd]))
        {
            isOrdinal = true;
            at = OverGap(text, wordEnd);
            wordEnd = Bytes.AfterWord(text, at);
        }

        var kind = at == number.End ? MonthKind.None : MonthNames.KindOf(text[at..wordEnd]);
        if (kind == MonthKind.None)
        {
            return -1;
        }

        if (!isDay)
        {
            var day = Number.Read(text, OverGap(text, wordEnd));
            var hasDay = day.Length is 1 or 2 && day.IsDay;
            return hasDay ? day.End : kind == MonthKind.Sure ? wordEnd : -1;
        }

        if (Year(text, wordEnd) is >= 0 and var yearEnd)
        {
            return yearEnd;
        }

        var isFeast = isOrdinal && IsFourthOfJuly(text[at..wordEnd], number);
        return !isFeast && (kind == MonthKind.Sure || (isOrdinal && kind == MonthKind.Doubtful)) ? wordEnd : -1;
    }

    // The year of a date, after a gap and "of"; -1: none.
    private static int Year(ReadOnlySpan<byte> text, int at)
    {
        var gap = OverGap(text, at);
        var wordEnd = Bytes.AfterWord(text, gap);
        if (wordEnd - gap is 2 or 3 && IsOf(text[gap..wordEnd]))
        {
            gap = OverGap(text, wordEnd);
        }

        var year = Number.Read(text, gap);
        return gap > at && (year is { Length: 4, IsYear: true } || (year.Length == 2 && HasApostrophe(text, gap))) && EndsNumber(text, year.End)
            ? year.End
            : -1;
    }

    private static bool IsFourthOfJuly(ReadOnlySpan<byte> month, Number day) => day.Value == 4 && month.SequenceEqual("july"u8);

    private static bool IsOf(ReadOnlySpan<byte> word) => word.SequenceEqual("of"u8) || word.SequenceEqual("de"u8) || word.SequenceEqual("del"u8);

    private static bool IsGap(byte value) => Bytes.IsBlank(value) || value is (byte)'.' or (byte)',' or (byte)'-' or (byte)'/' or (byte)'\'';

    private static int OverGap(ReadOnlySpan<byte> text, int at)
    {
        const int Longest = 4;
        var start = at;
        while (at < text.Length && at - start < Longest && IsGap(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int BackOverGap(ReadOnlySpan<byte> text, int at)
    {
        const int Longest = 4;
        var end = at;
        while (at > 0 && end - at < Longest && IsGap(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static int WordStart(ReadOnlySpan<byte> text, int at)
    {
        const int LongestName = 24;
        var end = at;
        while (at > 0 && end - at <= LongestName && Bytes.IsWord(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    // st, nd, rd, th, er, re, e, º, ª, го; a dot counts as none of them.
    private static int AfterOrdinal(ReadOnlySpan<byte> text, int at)
    {
        var start = Bytes.StartsWith(text, at, ":"u8) || Bytes.StartsWith(text, at, "-"u8) ? at + 1 : at;
        var end = Bytes.AfterWord(text, start);
        var suffix = text[start..end];
        var isOrdinal = suffix.SequenceEqual("st"u8) || suffix.SequenceEqual("nd"u8) || suffix.SequenceEqual("rd"u8)
            || suffix.SequenceEqual("th"u8) || suffix.SequenceEqual("er"u8) || suffix.SequenceEqual("re"u8) || suffix.SequenceEqual("e"u8)
            || suffix.SequenceEqual("de"u8) || suffix.SequenceEqual("º"u8) || suffix.SequenceEqual("ª"u8) || suffix.SequenceEqual("го"u8);
        return isOrdinal ? end : at;
    }

    // Typographic apostrophes fold to a separator, which a blank is not.
    private static bool HasApostrophe(ReadOnlySpan<byte> text, int at) => at > 0 && text[at - 1] is (byte)'\'' or Bytes.Continued;

    private static bool IsAsciiWord(byte value) => value < 0x80 && Bytes.IsWord(value);

    // A number before, joined by a sign: the middle of a version, a telephone number or an address.
    private static bool FollowsNumber(ReadOnlySpan<byte> text, int at) =>
        at > 1 && text[at - 1] is (byte)'.' or (byte)'-' or (byte)'/' or (byte)',' or (byte)':' && Bytes.IsDigit(text[at - 2]);

    // Neither a longer word or number, nor a per cent, nor a time.
    private static bool EndsNumber(ReadOnlySpan<byte> text, int at, bool allowT = false) =>
        at >= text.Length
        || (allowT && text[at] == (byte)'t')
        || (!IsAsciiWord(text[at]) && text[at] != (byte)'%'
            && (at + 1 >= text.Length || !Bytes.IsDigit(text[at + 1]) || text[at] is not ((byte)'.' or (byte)',' or (byte)':' or (byte)'/')));

    // 10:32, 10:32:11, after blanks, a comma, "at" or T.
    private static int AfterTime(ReadOnlySpan<byte> text, int at)
    {
        var from = at;
        while (from < text.Length && from - at < 4 && (Bytes.IsBlank(text[from]) || text[from] is (byte)',' or (byte)'t' or (byte)'a'))
        {
            from++;
        }

        var hour = Number.Read(text, from);
        if (from == at || hour.Length is not (1 or 2) || hour.Value > 24 || !Bytes.StartsWith(text, hour.End, ":"u8))
        {
            return at;
        }

        var minute = Number.Read(text, hour.End + 1);
        if (minute.Length != 2 || minute.Value > 59)
        {
            return at;
        }

        var second = Bytes.StartsWith(text, minute.End, ":"u8) ? Number.Read(text, minute.End + 1) : default;
        return second.Length == 2 && second.Value < 61 ? second.End : minute.End;
    }

    /// <summary>A run of ASCII digits; long ones have a value that is none of a date.</summary>
    private readonly record struct Number(int Start, int End, int Value)
    {
        internal int Length => End - Start;

        internal bool IsYear => Value is >= 1000 and < 3000;

        internal bool IsMonth => Value is >= 1 and <= 12;

        internal bool IsDay => Value is >= 1 and <= 31;

        internal static Number Read(ReadOnlySpan<byte> text, int at)
        {
            var end = Bytes.AfterDigits(text, Math.Min(at, text.Length));
            var value = 0;
            for (var i = at; i < end; i++)
            {
                value = Math.Min(100_000_000, value * 10 + (text[i] - '0'));
            }

            return new Number(at, end, at < end ? value : -1);
        }
    }

    /// <summary>The sign between two numbers of a date, with or without a blank on its sides.</summary>
    private readonly record struct Separator(byte Sign, int End, bool IsSpaced)
    {
        internal static bool TryRead(ReadOnlySpan<byte> text, int at, out Separator separator)
        {
            var sign = at < text.Length && Bytes.IsBlank(text[at]) ? at + 1 : at;
            var end = sign + 1 < text.Length && Bytes.IsBlank(text[sign + 1]) ? sign + 2 : sign + 1;
            separator = end < text.Length ? new Separator(text[sign], end, end - at > 1) : default;
            return separator.Sign is (byte)'-' or (byte)'/' or (byte)'.' && Bytes.IsDigit(text[separator.End]);
        }
    }
}
