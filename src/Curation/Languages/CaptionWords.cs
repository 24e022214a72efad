using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Sightline.Curation.Languages;

/// <summary>A run of letters of one script, in lower case.</summary>
/// <param name="StartsPart">A mark that parts sentences or versions ("/", "|", a full stop, a bracket) stands before the word.</param>
internal readonly record struct CaptionWord(short Start, short Length, Script Script, bool StartsPart);

/// <summary>
/// The words of a text, cut without allocation into two buffers of the caller. A run of more than <see cref="MaxLength"/> letters, as
/// in scripts without spaces, is cut into several.
/// </summary>
internal ref struct CaptionWords(Span<char> letters, Span<CaptionWord> words)
{
    /// <summary>No more of a text is read: by then nothing more is to be learnt.</summary>
    internal const int MaxCharacters = 2048;

    /// <summary>Words of this many letters at most.</summary>
    internal const int MaxLength = 40;

    /// <summary>Words kept; a text of <see cref="MaxCharacters"/> has hardly more.</summary>
    internal const int MaxWords = 512;

    private const int Block = 64;


    // As many as are cut, in whole blocks.
    private readonly Span<char> _letters = letters;
    private readonly Span<CaptionWord> _words = words;
    private int _count;
    private int _used;
    private int _start;
    private Script _script = Script.None;
    private bool _startsPart = true;

    /// <summary>Letters of scripts beyond the basic plane, which have no words here.</summary>
    internal int OtherLetters { get; private set; }

    internal readonly ReadOnlySpan<CaptionWord> Words => _words[.._count];

    /// <summary>All letters are of one script with an n-gram model; there is a word.</summary>
    internal readonly bool IsModelledAlone
    {
        get
        {
            foreach (var word in Words)
            {
                if (word.Script != _words[0].Script)
                {
                    return false;
                }
            }

            return _count > 0 && (int)_words[0].Script < Scripts.Modelled && OtherLetters == 0;
        }
    }

    internal readonly ReadOnlySpan<char> LettersOf(CaptionWord word) => _letters.Slice(word.Start, word.Length);

    internal void Read(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text))
        {
            ReadAscii(text);
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c))
            {
                EndWord();
                if (Rune.DecodeFromUtf16(text[i..], out var rune, out var used) == OperationStatus.Done)
                {
                    OtherLetters += Rune.IsLetter(rune) ? 1 : 0;
                    i += used - 1;
                }

                continue;
            }

            var script = Letters.Of(c);
            if (script == Script.Ignored)
            {
                continue;
            }

            if (script != _script || _used - _start == MaxLength)
            {
                EndWord();
                _script = script;
            }

            if (script == Script.None)
            {
                _startsPart |= PartsText(c);
            }
            else if (_used < _letters.Length)
            {
                _letters[_used++] = Letters.Lower(c);
            }
        }

        EndWord();
    }

    // The same words, found by bits that tell the letters, 64 at a time.
    private void ReadAscii(ReadOnlySpan<char> text)
    {
        Ascii.ToLower(text, _letters, out _);
        var blocks = (text.Length + Block - 1) / Block * Block;
        _letters[text.Length..blocks].Fill(' ');
        var (start, end) = (-1, 0);
        for (var block = 0; block < blocks; block += Block)
        {
            var letters = LettersAt(block);
            for (var at = 0; at < Block;)
            {
                var next = (start < 0 ? letters : ~letters) >> at;
                if (next == 0)
                {
                    break;
                }

                at += BitOperations.TrailingZeroCount(next);
                if (start < 0)
                {
                    start = block + at;
                    _startsPart |= HasPartingMark(_letters[end..start]);
                    continue;
                }

                end = block + at;
                AddWords(start, end);
                start = -1;
            }
        }

        if (start >= 0)
        {
            AddWords(start, blocks);
        }
    }

    private void AddWords(int start, int end)
    {
        for (; start < end && _count < _words.Length; start += MaxLength)
        {
            _words[_count++] = new CaptionWord((short)start, (short)Math.Min(MaxLength, end - start), Script.Latin, _startsPart);
            _startsPart = false;
        }
    }

    // Of 64 characters in lower case; the first is the lowest bit.
    private readonly ulong LettersAt(int block)
    {
        ulong bits = 0;
        for (var i = Block - Vector256<ushort>.Count; i >= 0; i -= Vector256<ushort>.Count)
        {
            var letters = Vector256.Create<ushort>(MemoryMarshal.Cast<char, ushort>(_letters[(block + i)..])) - Vector256.Create<ushort>('a');
            bits = (bits << Vector256<ushort>.Count) | Vector256.LessThan(letters, Vector256.Create<ushort>(26)).ExtractMostSignificantBits();
        }

        return bits;
    }

    private static bool HasPartingMark(ReadOnlySpan<char> gap)
    {
        foreach (var c in gap)
        {
            if (c != ' ' && PartsText(c))
            {
                return true;
            }
        }

        return false;
    }

    private void EndWord()
    {
        if (_used > _start && _count < _words.Length)
        {
            _words[_count++] = new CaptionWord((short)_start, (short)(_used - _start), _script, _startsPart);
            _startsPart = false;
        }

        _start = _used;
        _script = Script.None;
    }

    private static bool PartsText(char c) =>
        c is '/' or '|' or '\\' or '.' or '!' or '?' or ';' or ':' or '(' or ')' or '[' or ']' or '\n' or '\r' or '\t' or '=' or '•' or '·'
        or '–' or '—' or '。' or '？' or '！' or '；' or '：' or '（' or '）' or '／' or '｜' or '؟' or '،' or '।';
}
