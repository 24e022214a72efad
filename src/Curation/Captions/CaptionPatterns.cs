using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Finds what in a caption does not describe the image. One pass over the bytes notes which characters occur and looks up the words that
/// a known phrase begins with; only what that pass lets hope for is looked for. Allocates nothing; takes time linear in the length.
/// </summary>
internal static class CaptionPatterns
{
    private const int StackBytes = 1024;

    // Without one of these there is nothing but phrases to find.
    private static readonly SearchValues<byte> Telling = SearchValues.Create([.. "0123456789@#./<&[]{}_"u8, Bytes.Copyright]);

    // Of the basic plane: the lower case where that takes as many bytes, otherwise the character itself; 0 for what parts words.
    private static readonly char[] Folds =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(value => Rune.TryCreate((char)value, out var rune) ? (char)FoldOf(rune).Value : default)];

    /// <param name="caption">UTF-8; bytes that are none match nothing.</param>
    /// <param name="share">Of the caption's characters that the marks cover, 0 to 1: each counted once, blanks and punctuation beside a
    /// mark with it, blanks at both ends of the caption not at all.</param>
    [SkipLocalsInit]
    internal static CaptionMarks Find(ReadOnlySpan<byte> caption, out double share)
    {
        caption = caption.Trim(" \t\r\n\v\f"u8);
        if (caption.Length <= StackBytes)
        {
            Span<ulong> bits = stackalloc ulong[StackBytes / 64];
            return Find(caption, stackalloc byte[StackBytes], bits[..MarkedBytes.WordsFor(caption.Length)], out share);
        }

        var lower = ArrayPool<byte>.Shared.Rent(ByteBlock.Whole(caption.Length));
        var covered = ArrayPool<ulong>.Shared.Rent(MarkedBytes.WordsFor(caption.Length));
        try
        {
            return Find(caption, lower, covered.AsSpan(0, MarkedBytes.WordsFor(caption.Length)), out share);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(covered);
            ArrayPool<byte>.Shared.Return(lower);
        }
    }

    private static CaptionMarks Find(ReadOnlySpan<byte> caption, Span<byte> lower, Span<ulong> bits, out double share)
    {
        var blocks = lower[..ByteBlock.Whole(caption.Length)];
        lower = lower[..caption.Length];
        Fold(caption, lower);
        blocks[caption.Length..].Fill((byte)' ');
        var marked = new MarkedBytes(bits);
        var seen = Scan(lower, blocks, ref marked);
        if (seen.HasAny(ByteKinds.Copyright))
        {
            BoilerplatePhrases.FindCopyright(lower, ref marked);
        }

        if (seen.HasAny(ByteKinds.Digit))
        {
            CalendarDates.Find(lower, ref marked);
        }

        if (seen.HasAny(ByteKinds.At | ByteKinds.InnerDot | ByteKinds.Slash))
        {
            WebAddresses.Find(caption, lower, ref marked);
        }

        if (seen.HasAny(ByteKinds.At | ByteKinds.Hash))
        {
            Handles.Find(lower, ref marked);
        }

        if (seen.HasAny(ByteKinds.Markup))
        {
            Markup.Find(lower, ref marked);
        }

        if (seen.HasAny(ByteKinds.Digit | ByteKinds.InnerDot | ByteKinds.Underscore))
        {
            FileNames.Find(lower, ref marked);
        }

        share = marked.Marks == CaptionMarks.None ? 0 : marked.Share(lower);
        return marked.Marks;
    }

    // Lower case where that takes as many bytes, so that positions stay; what beyond ASCII is neither letter, mark nor number parts words.
    private static void Fold(ReadOnlySpan<byte> caption, Span<byte> folded)
    {
        if (Ascii.ToLower(caption, folded, out _) == OperationStatus.Done)
        {
            return;
        }

        for (var at = 0; at < caption.Length;)
        {
            if (caption[at] < 0x80)
            {
                folded[at] = caption[at] is >= (byte)'A' and <= (byte)'Z' ? (byte)(caption[at] | 0x20) : caption[at];
                at++;
                continue;
            }

            var rune = CodePoints.Read(caption, at, out var length);
            var fold = rune < Folds.Length ? Folds[rune] : 0;
            switch (length)
            {
                case 2 when fold != 0:
                    folded[at] = (byte)(0xC0 | fold >> 6);
                    folded[at + 1] = (byte)(0x80 | fold & 0x3F);
                    break;
                case 3 when fold >= 0x800:
                    folded[at] = (byte)(0xE0 | fold >> 12);
                    folded[at + 1] = (byte)(0x80 | fold >> 6 & 0x3F);
                    folded[at + 2] = (byte)(0x80 | fold & 0x3F);
                    break;
                default:
                    FoldRune(new Rune(rune), folded.Slice(at, length));
                    break;
            }

            at += length;
        }
    }

    private static void FoldRune(Rune rune, Span<byte> folded)
    {
        var fold = rune.IsBmp ? new Rune(Folds[rune.Value]) : FoldOf(rune);
        if (fold.Value == 0)
        {
            folded.Fill(Bytes.Continued);
            folded[0] = rune.Value == 0xA9 ? Bytes.Copyright : Bytes.Separator;
            return;
        }

        fold.EncodeToUtf8(folded);
    }

    private static Rune FoldOf(Rune rune)
    {
        if (!IsWord(rune))
        {
            return default;
        }

        var lower = Rune.ToLowerInvariant(rune);
        return lower.Utf8SequenceLength == rune.Utf8SequenceLength ? lower : rune;
    }

    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherNumber;

    // Looks the words up that a phrase may begin with, then notes what else occurs.
    private static ByteKinds Scan(ReadOnlySpan<byte> text, ReadOnlySpan<byte> blocks, ref MarkedBytes marked)
    {
        ulong inWord = 0;
        for (var block = 0; block < blocks.Length; block += ByteBlock.Size)
        {
            var bytes = new ByteBlock(blocks, block);
            var words = bytes.Letters() | bytes.InRange((byte)'0', (byte)'9') | bytes.InRange(0x80, Bytes.Separator - 1);
            var starts = (words & ~(words << 1 | inWord)) | bytes.InRange(Bytes.FirstUnspaced, Bytes.LastUnspaced);
            inWord = words >> 63;
            for (; starts != 0; starts &= starts - 1)
            {
                var at = block + BitOperations.TrailingZeroCount(starts);
                if (BoilerplatePhrases.MayStart(text, at))
                {
                    BoilerplatePhrases.Find(text, at, ref marked);
                }
            }
        }

        var first = text.IndexOfAny(Telling);
        return first < 0 ? ByteKinds.None : Note(text, first);
    }

    private static ByteKinds Note(ReadOnlySpan<byte> text, int first)
    {
        var (seen, before) = (ByteKinds.None, ByteKinds.None);
        foreach (var value in text[first..])
        {
            var kind = Bytes.KindsOf(value);
            seen |= kind;
            seen |= before.HasAny(ByteKinds.Dot) && kind.HasAny(ByteKinds.Word) ? ByteKinds.InnerDot : ByteKinds.None;
            before = kind;
        }

        return seen;
    }
}
