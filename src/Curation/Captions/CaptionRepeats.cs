using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>How much a caption says the same again and again.</summary>
internal static class CaptionRepeats
{
    private const int FewestWords = 5;
    private const int MostWords = 256;
    private const int HashBytes = 8;

    // Longer captions are read as those of any characters.
    private const int MostBytes = 1024;

    private static readonly SearchValues<byte> Parting = SearchValues.Create(" \t\r\n,.;:!?\"()"u8);

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
        if (caption.Length <= MostBytes && Ascii.IsValid(caption))
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
        for (var rest = caption; !rest.IsEmpty;)
        {
            var length = rest.IndexOfAny(Parting) is var end and >= 0 ? end : rest.Length;
            if (length > 0)
            {
                seen.Add(CaptionHash.Of(rest[..length]));
            }

            rest = rest[Math.Min(rest.Length, length + 1)..];
        }
    }

    // The same words, found by bits for each byte: most are letters and digits alone, and hash eight bytes at a time.
    [SkipLocalsInit]
    private static void AddAscii(ReadOnlySpan<byte> caption, ref SeenWords seen)
    {
        // Blanks behind it end the last word, and let whole blocks and whole steps of a hash be read.
        Span<byte> text = stackalloc byte[ByteBlock.Whole(MostBytes + 1) + HashBytes];
        var blocks = ByteBlock.Whole(caption.Length + 1);
        text = text[..(blocks + HashBytes)];
        caption.CopyTo(text);
        text[caption.Length..].Fill((byte)' ');
        var (start, hasOther) = (-1, false);
        ulong inWord = 0;
        for (var block = 0; block < blocks; block += ByteBlock.Size)
        {
            var bytes = new ByteBlock(text, block);
            var words = ~PartingIn(bytes);
            hasOther |= (words & ~(bytes.Letters() | bytes.InRange((byte)'0', (byte)'9'))) != 0;
            var after = words << 1 | inWord;
            var starts = words & ~after;
            for (var ends = ~words & after; ends != 0; ends &= ends - 1)
            {
                if (start < 0)
                {
                    start = block + BitOperations.TrailingZeroCount(starts);
                    starts &= starts - 1;
                }

                AddWord(text, start, block + BitOperations.TrailingZeroCount(ends), hasOther, ref seen);
                start = -1;
            }

            start = starts != 0 ? block + BitOperations.TrailingZeroCount(starts) : start;
            inWord = words >> 63;
        }
    }

    // The same as Parting.
    private static ulong PartingIn(in ByteBlock bytes) =>
        bytes.InRange((byte)' ', (byte)'"') | bytes.InRange((byte)'(', (byte)')') | bytes.InRange((byte)'\t', (byte)'\n')
        | bytes.InRange((byte)':', (byte)';') | bytes.InRange((byte)'\r', (byte)'\r') | bytes.InRange((byte)',', (byte)',')
        | bytes.InRange((byte)'.', (byte)'.') | bytes.InRange((byte)'?', (byte)'?');

    private static void AddWord(scoped ReadOnlySpan<byte> caption, int start, int end, bool mayHaveOther, ref SeenWords seen)
    {
        if (!mayHaveOther)
        {
            seen.Add(PlainHash(caption, start, end));
            return;
        }

        // "-dog" is dog; "well-known" is two words for the hash, which no plain word is.
        var whole = caption[start..end];
        while (start < end && !IsPlain(caption[start]))
        {
            start++;
        }

        while (start < end && !IsPlain(caption[end - 1]))
        {
            end--;
        }

        seen.Add(HasOther(caption[start..end]) ? CaptionHash.Of(whole) : PlainHash(caption, start, end));
    }

    private static bool HasOther(ReadOnlySpan<byte> word)
    {
        foreach (var letter in word)
        {
            if (!IsPlain(letter))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPlain(byte letter) => char.IsAsciiLetterOrDigit((char)letter);

    // Letters and digits differ in their other bits, so that this one sets all in lower case. The text goes on for eight bytes behind the word.
    private static ulong PlainHash(ReadOnlySpan<byte> text, int start, int end)
    {
        const ulong LowerCase = 0x2020202020202020;
        var hash = (ulong)(end - start) * 0x9E3779B97F4A7C15;
        for (; start < end; start += HashBytes)
        {
            var mask = ulong.MaxValue >> (64 - (8 * Math.Min(HashBytes, end - start)));
            hash = (hash ^ ((BinaryPrimitives.ReadUInt64LittleEndian(text[start..]) | LowerCase) & mask)) * 0xD6E8FEB86659FD93;
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
