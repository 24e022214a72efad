namespace Sightline.Curation;

/// <summary>
/// Captions hold none of the words of one list, and one of another's. Terms are words or phrases of up to 16 words of any script; they
/// occur as whole words, without regard to case, accents and punctuation.
/// </summary>
public sealed class WordListFilter : PairFilter
{
    private readonly WordList? _deny;
    private readonly WordList? _allow;

    /// <param name="deny">Null: none is denied.</param>
    /// <param name="allow">Null: all are allowed.</param>
    internal WordListFilter(WordList? deny, WordList? allow)
        : base(
            "word_list", FilterCost.Texts,
            new DropReason("denied", $"one of {deny?.Count ?? 0} denied words occurs"),
            new DropReason("not_allowed", $"none of {allow?.Count ?? 0} wanted words occurs")) => (_deny, _allow) = (deny, allow);

    internal static FilterDefinition Definition { get; } = new(
        "word_list", "Word lists", "Captions hold none of the words of one list, and one of another’s.",
        [
            new FilterParameter("deny", "Drop captions with one of these words or phrases", ParameterKind.TextList),
            new FilterParameter("deny_file", "More of them: a text file, one a line", ParameterKind.Text),
            new FilterParameter("allow", "Keep only captions with one of these words or phrases", ParameterKind.TextList),
            new FilterParameter("allow_file", "More of them: a text file, one a line", ParameterKind.Text),
        ],
        Create);

    /// <inheritdoc/>
    public override int Check(in Pair pair) => _deny is not null && _deny.OccursIn(pair.Caption) ? 0
        : _allow is not null && !_allow.OccursIn(pair.Caption) ? 1
        : Keep;

    private static WordListFilter Create(FilterArguments a)
    {
        var (deny, allow) = (Read(a, "deny"), Read(a, "allow"));
        return deny is null && allow is null ? throw a.Fault("give deny or allow, or a file of either.") : new WordListFilter(deny, allow);
    }

    private static WordList? Read(FilterArguments a, string name)
    {
        var list = new WordList();
        foreach (var (text, place) in ListedTexts.Read(a, name, $"{name}_file"))
        {
            if (!list.TryAdd(text))
            {
                throw a.Fault($"\"{text}\" ({place}) holds no word, or more than {WordList.MostWords}.");
            }
        }

        var isGiven = list.Count > 0 || a.Texts(name).Count > 0 || a.Text($"{name}_file") is { Length: > 0 };
        return list.Count > 0 ? list : isGiven ? throw a.Fault($"the list {name} holds no words.") : null;
    }
}
