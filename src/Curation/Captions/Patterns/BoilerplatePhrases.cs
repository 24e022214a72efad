using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>Looks the phrases of <see cref="BoilerplateTable"/> up by their first five bytes.</summary>
internal static class BoilerplatePhrases
{
    private const int KeyBytes = 5;
    private const int HashBits = 13;
    private const int LongestGap = 6;
    private const int WordsOfName = 3;

    private static readonly string[] Weekdays =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private static readonly byte[][] WeekdayBytes = [.. Weekdays.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] Articles =
        [.. "the a an my his her their our its this that these those".Split(' ').Select(Encoding.UTF8.GetBytes)];

    // Phrases that begin alike, by a hash of their first five bytes.
    private static readonly Phrase[]?[] Table = Read();

    // A bit for each slot of the table, which stay in the fastest cache.
    private static readonly ulong[] Filled = ReadFilled();

    /// <summary>Whether a phrase may begin here; seldom wrong.</summary>
    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    /// <param name="at">Where a word begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayStart(ReadOnlySpan<byte> text, int at) =>
        at + KeyBytes <= text.Length && Slot(text[at..]) is var slot && (Filled[slot >> 6] >> slot & 1) != 0;

    /// <summary>Marks the longest phrase that begins here.</summary>
    internal static void Find(ReadOnlySpan<byte> text, int at, ref MarkedBytes marked)
    {
        var longest = at;
        foreach (var phrase in Table[Slot(text[at..])]!)
        {
            longest = Math.Max(longest, phrase.Match(text, at));
        }

        if (longest > at)
        {
            marked.Add(CaptionMarks.Boilerplate, at, longest);
        }
    }

    /// <summary>Marks each © and the name after it.</summary>
    internal static void FindCopyright(ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == Bytes.Copyright)
            {
                marked.Add(CaptionMarks.Boilerplate, at, AfterName(text, at + 2, mayBeArticle: true));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(ReadOnlySpan<byte> text) =>
        (int)((BinaryPrimitives.ReadUInt32LittleEndian(text) * 0x9E3779B1 + text[KeyBytes - 1] * 0x85EBCA6B) >> (32 - HashBits));

    private static Phrase[]?[] Read()
    {
        var table = new List<Phrase>?[1 << HashBits];
        foreach (var line in BoilerplateTable.All)
        {
            var phrase = new Phrase(line);
            (table[Slot(phrase.Pattern)] ??= []).Add(phrase);
        }

        return [.. table.Select(t => t?.ToArray())];
    }

    private static ulong[] ReadFilled()
    {
        var filled = new ulong[Table.Length / 64];
        for (var slot = 0; slot < Table.Length; slot++)
        {
            filled[slot >> 6] |= Table[slot] is null ? 0 : 1UL << slot;
        }

        return filled;
    }

    private static bool IsGap(byte value) => Bytes.IsBlank(value)
        || value is (byte)'-' or (byte)'_' or (byte)':' or (byte)',' or (byte)'\'' or (byte)'"' or (byte)'(' or (byte)')' or (byte)'/';

    private static int OverGap(ReadOnlySpan<byte> text, int at)
    {
        var start = at;
        while (at < text.Length && at - start < LongestGap && IsGap(text[at]))
        {
            at++;
        }

        return at;
    }

    // Up to three words after blanks, until a sign ends them.
    private static int AfterName(ReadOnlySpan<byte> text, int at, bool mayBeArticle)
    {
        var end = at;
        for (var word = 0; word < WordsOfName; word++)
        {
            var start = word == 0 ? OverGap(text, end) : Bytes.AfterBlanks(text, end);
            start += start < text.Length && text[start] == (byte)'@' ? 1 : 0;
            var wordEnd = Bytes.AfterWord(text, start);
            if (wordEnd == start || (start == end && word > 0))
            {
                break;
            }

            if (word == 0 && !mayBeArticle && IsAny(text[start..wordEnd], Articles))
            {
                return -1;
            }

            end = wordEnd;
        }

        return end;
    }

    // A date, weekday or number, or nothing more; returns where what was looked at begins, -1: something else follows.
    private static int BeforeDate(ReadOnlySpan<byte> text, int at)
    {
        var start = OverGap(text, at);
        if (start >= text.Length || text[start] is (byte)'.' or (byte)'#' || Bytes.IsDigit(text[start]))
        {
            return at;
        }

        var word = text[start..Bytes.AfterWord(text, start)];
        return MonthNames.KindOf(word) != MonthKind.None ? at : IsAny(word, WeekdayBytes) ? start + word.Length : -1;
    }

    // A colon, or a slash or dash between blanks; returns where it ends, -1: none.
    private static int AfterLabel(ReadOnlySpan<byte> text, int at)
    {
        var sign = Bytes.AfterBlanks(text, at);
        if (sign >= text.Length || text[sign] is not ((byte)':' or (byte)'/' or (byte)'-' or (byte)'|'))
        {
            return -1;
        }

        return text[sign] == (byte)':' || (sign > at && sign + 1 < text.Length && !Bytes.IsWord(text[sign + 1])) ? sign + 1 : -1;
    }

    private static bool IsAny(ReadOnlySpan<byte> word, byte[][] words)
    {
        foreach (var other in words)
        {
            if (word.SequenceEqual(other))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Phrase
    {
        private readonly bool _begins;
        private readonly bool _ends;
        private readonly byte _tail;

        internal Phrase(string line)
        {
            _begins = line.StartsWith('^');
            _ends = line.EndsWith('$');
            _tail = (byte)(line[^1] is '~' or '>' or '|' ? line[^1] : 0);
            Pattern = Encoding.UTF8.GetBytes(line.Trim('^', '$', '~', '>', '|').TrimEnd(' '));
            if (Pattern.Length < KeyBytes || Pattern.AsSpan(0, KeyBytes).ContainsAny("#*"u8))
            {
                throw new System.Diagnostics.UnreachableException($"\"{line}\" does not begin with five bytes of its own.");
            }
        }

        internal byte[] Pattern { get; }

        /// <summary>Where the phrase ends that begins here; -1: none does.</summary>
        internal int Match(ReadOnlySpan<byte> text, int at)
        {
            if (_begins && at > 0)
            {
                return -1;
            }

            foreach (var part in Pattern)
            {
                var next = part switch
                {
                    (byte)' ' => OverGap(text, at),
                    (byte)'#' => at < text.Length && text[at] == (byte)'#' ? at + 1 : Bytes.AfterDigits(text, at),
                    (byte)'*' => Bytes.AfterWord(text, at),
                    _ => at < text.Length && text[at] == part ? at + 1 : at,
                };
                if (next == at)
                {
                    return -1;
                }

                at = next;
            }

            if (!EndsWord(text, at) || (_ends && !OnlyMarksFollow(text, at)))
            {
                return -1;
            }

            return _tail switch
            {
                (byte)'~' => BeforeDate(text, at),
                (byte)'>' => AfterName(text, at, mayBeArticle: false),
                (byte)'|' => AfterLabel(text, at),
                _ => at,
            };
        }

        // Scripts without blanks between words have no end of a word.
        private bool EndsWord(ReadOnlySpan<byte> text, int at) => Bytes.IsEdge(text, at) || Pattern[^1] >= 0x80 && Pattern[0] >= 0xE3;

        private static bool OnlyMarksFollow(ReadOnlySpan<byte> text, int at)
        {
            while (at < text.Length && !Bytes.IsWord(text[at]))
            {
                at++;
            }

            return at == text.Length;
        }
    }
}
