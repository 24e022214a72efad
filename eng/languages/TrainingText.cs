using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>The text of one language in one script, cut into words as the identifier cuts it.</summary>
internal sealed class TrainingText
{
    /// <summary>The weight of a borrowed word.</summary>
    internal const float BorrowedWeight = 0.2f;

    // Languages that the lists of the others, made from web pages, are full of; and in how many lists such a word is.
    private static readonly Dictionary<Script, (string Language, int Lists)> Leading = new()
    {
        [Script.Latin] = ("en", 10),
        [Script.Cyrillic] = ("ru", 4),
    };

    internal required string Language { get; init; }

    /// <summary>Words of the word list, each once.</summary>
    internal List<string> Words { get; } = [];

    /// <summary>Words of the list that are the script's leading language's and in web pages of any other: drawn a fifth as often.</summary>
    internal HashSet<string> Borrowed { get; } = [];

    /// <summary>Sentences and labels.</summary>
    internal List<string[]> Lines { get; } = [];

    /// <summary>Names of and key words for emoji: what pictures show.</summary>
    internal List<string[]> Names { get; } = [];

    /// <summary>The commonest words.</summary>
    internal List<string> Common { get; } = [];

    /// <summary>Reads <c>LANGUAGE.SCRIPT.words</c>, <c>.lines</c>, <c>.names</c> and <c>.common</c>, one item a line.</summary>
    internal static TrainingText Read(string folder, string language, Script script)
    {
        var text = new TrainingText { Language = language };
        var seen = new HashSet<string>();
        foreach (var word in ReadItems(folder, language, script, "words").SelectMany(words => words))
        {
            if ((word.Length > 1 || script == Script.Han) && seen.Add(word))
            {
                text.Words.Add(word);
            }
        }

        text.Lines.AddRange(ReadItems(folder, language, script, "lines"));
        text.Names.AddRange(ReadItems(folder, language, script, "names"));
        text.Common.AddRange(ReadItems(folder, language, script, "common").Where(words => words.Length == 1).Select(words => words[0]));
        return text;
    }

    private static IEnumerable<string[]> ReadItems(string folder, string language, Script script, string kind) =>
        File.ReadLines(Path.Combine(folder, $"{language}.{script}.{kind}"))
            .Select(line => WordsOf(line, script)).Where(words => words.Length > 0);

    private static string[] WordsOf(string line, Script script)
    {
        var words = new CaptionWords(new char[CaptionWords.MaxCharacters], new CaptionWord[CaptionWords.MaxWords]);
        words.Read(line.AsSpan(0, Math.Min(line.Length, CaptionWords.MaxCharacters)));
        var result = new List<string>();
        foreach (var word in words.Words)
        {
            if (word.Script == script)
            {
                result.Add(words.LettersOf(word).ToString());
            }
        }

        return [.. result];
    }

    /// <summary>Fills <see cref="Borrowed"/> of every text of a script.</summary>
    internal static void FindBorrowed(IReadOnlyList<TrainingText> texts, Script script)
    {
        if (!Leading.TryGetValue(script, out var leading))
        {
            return;
        }

        var lists = texts.SelectMany(text => text.Words).CountBy(word => word).ToDictionary();
        var own = texts.Single(text => text.Language == leading.Language).Words.ToHashSet();
        foreach (var text in texts.Where(text => text.Language != leading.Language))
        {
            text.Borrowed.UnionWith(text.Words.Where(word => lists[word] >= leading.Lists && own.Contains(word)));
        }
    }
}
