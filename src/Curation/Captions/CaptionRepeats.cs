using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>How much a caption says the same again and again.</summary>
internal static class CaptionRepeats
{
    private const int FewestWords = 5;
    private const int MostWords = 256;

    private static readonly SearchValues<byte> Parting = SearchValues.Create(" \t\r\n,.;:!?\"()"u8);

    private static readonly AsciiKind[] AsciiKinds = [.. Enumerable.Range(0, 256).Select(value => (char)value switch
    {
        ' ' or '\t' or '\r' or '\n' or ',' or '.' or ';' or ':' or '!' or '?' or '"' or '(' or ')' => AsciiKind.Parting,
        < '\x80' when char.IsAsciiLetterOrDigit((char)value) => AsciiKind.Plain,
        _ => AsciiKind.Other,
    })];

    private enum AsciiKind : byte
    {
        /// <summary>A letter or digit.</summary>
        Plain,

        Other,

        /// <summary>Between words.</summary>
        Parting,
    }

    /// <summary>The share of words that occurred before in the caption, without regard to ASCII case, in [0, 1]; 0 below five words.</summary>
    [SkipLocalsInit]
    internal static double Share(ReadOnlySpan<byte> caption, int words)
    {
        if (words < FewestWords)
        {
            return 0;
        }

        // Words by their hashes: two that collide among 256 are one in 2^48.
        var seen = new SeenWords(stackalloc ulong[MostWords]);
        if (Ascii.IsValid(caption))
        {
            AddAscii(caption, ref seen);
        }
        else
        {
            AddAny(caption, ref seen);
        }

        return seen.All == 0 ? 0 : (double)seen.Repeats / seen.All;
    }

    private static void AddAny(ReadOnlySpan<byte> caption, ref SeenWords seen)
    {
        foreach (var range in caption.SplitAny(Parting))
        {
            if (!caption[range].IsEmpty)
            {
                seen.Add(CaptionHash.Of(caption[range]));
            }
        }
    }

    // The same words: most are letters and digits alone, and hash eight bytes at a time.
    private static void AddAscii(ReadOnlySpan<byte> caption, ref SeenWords seen)
    {
        var kinds = AsciiKinds;
        var (start, hasOther) = (0, false);
        for (var at = 0; at < caption.Length; at++)
        {
            var kind = kinds[caption[at]];
            if (kind == AsciiKind.Plain)
            {
                continue;
            }

            if (kind == AsciiKind.Other)
            {
                hasOther = true;
                continue;
            }

            AddWord(caption, start, at, hasOther, ref seen);
            (start, hasOther) = (at + 1, false);
        }

        AddWord(caption, start, caption.Length, hasOther, ref seen);
    }

    private static void AddWord(ReadOnlySpan<byte> caption, int start, int end, bool hasOther, ref SeenWords seen)
    {
        if (start == end)
        {
            return;
        }

        // "-dog" is dog; "well-known" is two words for the hash, which no plain word is.
        var whole = caption[start..end];
        while (hasOther && start < end && AsciiKinds[caption[start]] != AsciiKind.Plain)
        {
            start++;
        }

        while (hasOther && start < end && AsciiKinds[caption[end - 1]] != AsciiKind.Plain)
        {
            end--;
        }

        hasOther = hasOther && HasOther(caption[start..end]);
        seen.Add(hasOther ? CaptionHash.Of(whole) : PlainHash(caption, start, end));
    }

    private static bool HasOther(ReadOnlySpan<byte> word)
    {
        foreach (var letter in word)
        {
            if (AsciiKinds[letter] != AsciiKind.Plain)
            {
                return true;
            }
        }

        return false;
    }

    // Letters and digits differ in their other bits, so that this one sets all in lower case.
    private static ulong PlainHash(ReadOnlySpan<byte> caption, int start, int end)
    {
        const ulong LowerCase = 0x2020202020202020;
        var hash = (ulong)(end - start) * 0x9E3779B97F4A7C15;
        for (; start < end; start += 8)
        {
            var left = Math.Min(8, end - start);
            ulong eight = 0;
            if (start + 8 <= caption.Length)
            {
                eight = BinaryPrimitives.ReadUInt64LittleEndian(caption[start..]) & (ulong.MaxValue >> (64 - 8 * left));
            }
            else
            {
                for (var i = 0; i < left; i++)
                {
                    eight |= (ulong)caption[start + i] << (8 * i);
                }
            }

            hash = (hash ^ (eight | (LowerCase & (ulong.MaxValue >> (64 - 8 * left))))) * 0xD6E8FEB86659FD93;
            hash ^= hash >> 32;
        }

        return hash * 0xBF58476D1CE4E5B9;
    }

    private ref struct SeenWords(Span<ulong> hashes)
    {
        private readonly Span<ulong> _hashes = hashes;
        private int _distinct;

        internal int All { get; private set; }

        internal int Repeats { get; private set; }

        internal void Add(ulong hash)
        {
            All++;
            if (_hashes[.._distinct].Contains(hash))
            {
                Repeats++;
            }
            else if (_distinct < _hashes.Length)
            {
                _hashes[_distinct++] = hash;
            }
        }
    }
}
