using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation.Languages;

/// <summary>
/// Tells the language of a caption. The letters' script decides where it writes one language; elsewhere an n-gram model over 82 languages
/// (docs/languages.md) does and, where that is in doubt, CLD2 with it. Immutable: load one, and let any number of threads ask it.
/// </summary>
public sealed class LanguageIdentifier
{
    /// <summary>UTF-16 code units of a text that are read; the rest says nothing new.</summary>
    public const int MaxCharacters = CaptionWords.MaxCharacters;

    private const string ModelName = "Sightline.Curation.Languages.languages.bin";
    private const int MaxCandidates = 96;

    // What the model takes the languages for that CLD2 alone knows.
    private static readonly FrozenSet<string> NearCld2Only = new[] { "tl", "sw", "yo", "zu", "rw", "hi" }.ToFrozenSet();

    private readonly NgramModel _model;
    private readonly LanguageCalibration _calibration;
    private readonly WordReaders _readers;

    /// <summary>Loads the bundled model, in about a tenth of a second; it takes 20 MB of memory, and 4 MB more for each processor that asks it
    /// (<see cref="WordReader"/>).</summary>
    public LanguageIdentifier()
        : this(LoadBundled(), LanguageCalibration.Default)
    {
    }

    internal LanguageIdentifier(NgramModel model, LanguageCalibration calibration) =>
        (_model, _calibration, _readers) = (model, calibration, new WordReaders(model, calibration));

    /// <summary>The languages that the n-gram model or a script of their own tells, in ordinal order; CLD2 adds a few.</summary>
    public IReadOnlyList<string> Languages => [.. Enumerable.Range(0, Scripts.Count)
        .SelectMany(i => i < Scripts.Modelled ? _model.LayerOf((Script)i).Languages : [Scripts.OnlyLanguage((Script)i)])
        .Where(language => language != LanguageGuess.Unknown).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc cref="Identify(ReadOnlySpan{char})"/>
    /// <param name="utf8">UTF-8; bytes that are none are read as U+FFFD, which ends a word.</param>
    public LanguageGuess Identify(ReadOnlySpan<byte> utf8)
    {
        // A code unit of UTF-16 takes three bytes of UTF-8 at most.
        utf8 = utf8[..Math.Min(utf8.Length, MaxCharacters * 3)];
        var text = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            return Identify(text.AsSpan(0, Encoding.UTF8.GetChars(utf8, text)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    /// <summary>The language of a text. Never throws for what the text holds; allocates nothing unless accents stand apart from their
    /// letters.</summary>
    /// <param name="text">Any text; the first <see cref="MaxCharacters"/> are read.</param>
    public LanguageGuess Identify(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, MaxCharacters)];
        return HasSeparateAccents(text) ? IdentifyComposed(Compose(text)) : IdentifyComposed(text);
    }

    private static bool HasSeparateAccents(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\u0300', '\u036f');

    // Half a surrogate pair, which a cut may leave, cannot be normalized.
    private static string Compose(ReadOnlySpan<char> text)
    {
        var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString())).Normalize();
        return valid.Length > MaxCharacters ? valid[..MaxCharacters] : valid;
    }

    [SkipLocalsInit]
    private LanguageGuess IdentifyComposed(ReadOnlySpan<char> text)
    {
        var words = new CaptionWords(stackalloc char[MaxCharacters], stackalloc CaptionWord[CaptionWords.MaxWords]);
        words.Read(text);
        if (words.IsModelledAlone)
        {
            return IdentifyModelled(text, words, words.Words[0].Script);
        }

        Span<int> letters = stackalloc int[Scripts.Count];
        var total = CountLetters(words, letters);
        if (total == 0)
        {
            return LanguageGuess.WithoutLetters;
        }

        var script = MostOf(letters);
        var share = letters[(int)script] / (float)total;
        letters[(int)script] = 0;
        var other = MostOf(letters);
        var otherShare = letters[(int)other] / (float)total;
        var guess = (int)script < Scripts.Modelled ? IdentifyModelled(text, words, script) : ByScript(script, words);
        if (otherShare < LanguageGuess.MixedFrom || otherShare <= guess.SecondShare * share)
        {
            return guess with { SecondShare = guess.SecondShare * share };
        }

        var second = (int)other < Scripts.Modelled ? IdentifyModelled([], words, other) : ByScript(other, words);
        return second.Language == LanguageGuess.Unknown ? guess : guess with { Second = second.Language, SecondShare = otherShare };
    }

    // Counts in Latin letters' worth, kana and the Han characters among them as one.
    private static int CountLetters(CaptionWords words, Span<int> letters)
    {
        letters.Clear();
        foreach (var word in words.Words)
        {
            letters[(int)word.Script] += word.Length * Scripts.LettersEach(word.Script);
        }

        letters[(int)Script.Other] += words.OtherLetters;
        // A Japanese text has kana in nearly every phrase; Chinese ones borrow a single one as an ornament.
        if (letters[(int)Script.Kana] * 8 >= letters[(int)Script.Han])
        {
            letters[(int)Script.Kana] += letters[(int)Script.Kana] > 0 ? letters[(int)Script.Han] : 0;
            letters[(int)Script.Han] = letters[(int)Script.Kana] > 0 ? 0 : letters[(int)Script.Han];
        }

        var total = 0;
        foreach (var count in letters)
        {
            total += count;
        }

        return total;
    }

    private static Script MostOf(ReadOnlySpan<int> letters)
    {
        var most = 0;
        for (var i = 1; i < letters.Length; i++)
        {
            most = letters[i] > letters[most] ? i : most;
        }

        return (Script)most;
    }

    private LanguageGuess ByScript(Script script, CaptionWords words)
    {
        var count = 0;
        foreach (var word in words.Words)
        {
            count += word.Script == script ? word.Length : 0;
        }

        var language = Scripts.OnlyLanguage(script);
        var confidence = language == LanguageGuess.Unknown ? 0
            : script == Script.Greek && count == 1 ? _calibration.SingleGreekLetter : _calibration.ScriptAlone;
        return LanguageGuess.Of(language, confidence, LanguageGuess.Unknown, 0);
    }

    /// <param name="text">What CLD2 may be asked about; empty: it is not asked.</param>
    private LanguageGuess IdentifyModelled(ReadOnlySpan<char> text, CaptionWords words, Script script)
    {
        var reader = _readers.Rent();
        try
        {
            return IdentifyModelled(text, words, script, reader);
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    [SkipLocalsInit]
    private LanguageGuess IdentifyModelled(ReadOnlySpan<char> text, CaptionWords words, Script script, WordReader reader)
    {
        var all = new WordTally(stackalloc int[NgramModel.Dimensions], stackalloc ulong[CaptionWords.MaxWords]);
        all.Read(reader, words, script);
        var guess = Judge(script, all.Sum, all.Known, text, out var best);

        // Two words are too few to tell a mixture by, unless a mark parts them.
        if (text.IsEmpty || all.Count < 2 || (all.Count == 2 && !all.HasParts))
        {
            return guess;
        }

        var change = all.HasParts ? Math.Min(_calibration.Change, _calibration.ChangeAtMark) : _calibration.Change;
        return all.IsOneLanguage(reader, best, change) ? guess : FindMixture(words, script, reader) ?? guess;
    }

    [SkipLocalsInit]
    private LanguageGuess Judge(Script script, ReadOnlySpan<int> sum, int known, ReadOnlySpan<char> text, out int best)
    {
        Span<float> values = stackalloc float[MaxCandidates];
        _model.Score(script, sum, known, values);
        var scores = new LanguageScores(_calibration, _model.LayerOf(script), known, values);
        var (first, second, probability) = scores.Best();
        best = first;
        var sure = probability >= _calibration.SureWithoutCld2 && !NearCld2Only.Contains(scores.LanguageAt(first));
        if (!sure && !text.IsEmpty && AskCld2(text) is { } answer)
        {
            scores.Add(answer);
            (first, second, probability) = scores.Best();
        }

        return LanguageGuess.Of(scores.LanguageAt(first), probability, second < 0 ? LanguageGuess.Unknown : scores.LanguageAt(second), 0);
    }

    [SkipLocalsInit]
    private static Cld2Answer? AskCld2(ReadOnlySpan<char> text)
    {
        // Half a surrogate pair becomes U+FFFD, so that what CLD2 reads is UTF-8.
        Span<byte> utf8 = stackalloc byte[MaxCharacters * 3];
        return Cld2.Detect(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    // Null where the text is in one language.
    [SkipLocalsInit]
    private LanguageGuess? FindMixture(CaptionWords words, Script script, WordReader reader)
    {
        var room = _model.LayerOf(script).Room;
        var units = new CaptionUnits(
            stackalloc int[LanguageMixture.MaxUnits * NgramModel.Dimensions], stackalloc float[LanguageMixture.MaxUnits * MaxCandidates], room,
            stackalloc CaptionUnit[LanguageMixture.MaxUnits]);
        units.Read(reader, words, script);
        Span<float> changes = stackalloc float[LanguageMixture.MaxUnits];
        for (var u = 0; u < units.Count; u++)
        {
            changes[u] = units[u].StartsPart ? _calibration.ChangeAtMark : _calibration.Change;
        }

        Span<byte> path = stackalloc byte[units.Count];
        LanguageMixture.MostProbablePath(units.Scores, room, changes, path);
        return path.ContainsAnyExcept(path[0]) ? Mixed(script, units, path) : null;
    }

    // Null where the second language holds too little, or where a part alone does not look like its language.
    [SkipLocalsInit]
    private LanguageGuess? Mixed(Script script, CaptionUnits units, ReadOnlySpan<byte> path)
    {
        Span<int> letters = stackalloc int[MaxCandidates];
        units.CountLetters(path, letters);
        var first = letters.IndexOf(Max(letters));
        var firstLetters = letters[first];
        letters[first] = 0;
        var second = letters.IndexOf(Max(letters));
        var share = letters[second] / (float)(firstLetters + letters[second]);
        if (share < LanguageGuess.MixedFrom)
        {
            return null;
        }

        Span<float> firstValues = stackalloc float[MaxCandidates];
        Span<float> secondValues = stackalloc float[MaxCandidates];
        var firstScores = ScoreOf(script, units, path, (byte)first, firstValues);
        var secondScores = ScoreOf(script, units, path, (byte)second, secondValues);
        var (one, _, oneProbability) = firstScores.Best();
        var (other, _, otherProbability) = secondScores.Best();
        return Math.Min(oneProbability, otherProbability) < _calibration.MixedPartFrom
            || firstScores.ProbabilityOfOneLanguage(secondScores) > _calibration.MixedOneLanguageUpTo
            ? null
            : LanguageGuess.Of(firstScores.LanguageAt(one), oneProbability, secondScores.LanguageAt(other), share);
    }

    // The units of one language of a path, taken for themselves.
    private LanguageScores ScoreOf(Script script, CaptionUnits units, ReadOnlySpan<byte> path, byte language, Span<float> values)
    {
        Span<int> sum = stackalloc int[NgramModel.Dimensions];
        var known = units.Sum(sum, path, language);
        _model.Score(script, sum, known, values);
        return new LanguageScores(_calibration, _model.LayerOf(script), known, values);
    }

    private static int Max(ReadOnlySpan<int> values)
    {
        var max = 0;
        foreach (var value in values)
        {
            max = Math.Max(max, value);
        }

        return max;
    }

    internal static NgramModel LoadBundled()
    {
        using var stream = typeof(LanguageIdentifier).Assembly.GetManifestResourceStream(ModelName)
            ?? throw new UnreachableException($"{ModelName} is not in the assembly.");
        return NgramModelFile.Read(stream);
    }
}
