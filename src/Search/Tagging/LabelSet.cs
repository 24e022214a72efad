namespace Sightline.Search;

/// <summary>Something pictures may show.</summary>
/// <param name="Prompts">How it is said in a picture's caption: one or several; put into the set's templates.</param>
/// <param name="Threshold">Least probability of a tag; null: the job's.</param>
public sealed record Label(string Name, IReadOnlyList<string> Prompts, double? Threshold = null);

/// <summary>Labels that pictures are sorted by.</summary>
/// <param name="Templates">Sentences with <c>{}</c> for the prompt; the embeddings of all of them are averaged.</param>
public sealed record LabelSet(string Name, IReadOnlyList<Label> Labels, IReadOnlyList<string> Templates)
{
    public const int MaxLabels = 2_000;
    public const int MaxPrompts = 64;
    public const int MaxTemplates = 100;
    public const int LongestText = 300;

    /// <summary>Most texts (labels times prompts times templates) of a set.</summary>
    public const int MaxTexts = 50_000;

    /// <summary>Most texts of a set that somebody waits for.</summary>
    public const int MaxTextsAtOnce = 5_000;

    /// <summary>The seven templates that CLIP's authors found to do nearly as well as all eighty, in their notebook
    /// "Prompt Engineering for ImageNet", after the plain prompt.</summary>
    public static IReadOnlyList<string> DefaultTemplates { get; } =
    [
        "{}", "a photo of a {}.", "itap of a {}.", "a bad photo of the {}.", "a origami {}.", "a photo of the large {}.", "a {} in a video game.",
        "art of the {}.", "a photo of the small {}.",
    ];

    /// <summary>Labels times prompts times templates: what has to be embedded.</summary>
    public int TextCount => Labels.Sum(l => l.Prompts.Count) * Templates.Count;

    /// <summary>
    /// One label a line: <c>dog</c>, or with prompts of its own, <c>dog: a puppy | a hound</c>; empty lines and those that begin with #
    /// are passed over.
    /// </summary>
    /// <exception cref="ArgumentException">A line cannot be; names it.</exception>
    public static LabelSet Parse(string name, string text)
    {
        var labels = new List<Label>();
        foreach (var (number, line) in text.Split('\n').Index())
        {
            var trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            var colon = trimmed.IndexOf(':', StringComparison.Ordinal);
            var label = (colon < 0 ? trimmed : trimmed[..colon]).Trim();
            string[] prompts = colon < 0 ? [label] : trimmed[(colon + 1)..].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            labels.Add(label.Length > 0 && prompts.Length > 0
                ? new Label(label, prompts)
                : throw new ArgumentException($"Line {number + 1} has no label or no prompt: {trimmed}"));
        }

        var set = new LabelSet(name, labels, DefaultTemplates);
        set.Check();
        return set;
    }

    /// <exception cref="ArgumentException">The set cannot be; says why.</exception>
    public void Check()
    {
        Check(Name, "The name of a label set");
        if (Labels.Count is 0 or > MaxLabels)
        {
            throw new ArgumentException($"A label set has 1 to {MaxLabels} labels, not {Labels.Count}.");
        }

        if (Labels.GroupBy(l => l.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The label {twice.Key} is there twice.");
        }

        if (Templates.Count is 0 or > MaxTemplates || Templates.Any(t => t?.Contains("{}", StringComparison.Ordinal) != true || t.Length > LongestText))
        {
            throw new ArgumentException($"A label set has 1 to {MaxTemplates} templates, each with {{}} for the prompt and at most {LongestText} characters.");
        }

        foreach (var label in Labels)
        {
            Check(label.Name, "A label");
            if (label.Prompts.Count is 0 or > MaxPrompts)
            {
                throw new ArgumentException($"The label {label.Name} has {label.Prompts.Count} prompts, not 1 to {MaxPrompts}.");
            }

            foreach (var prompt in label.Prompts)
            {
                Check(prompt, $"A prompt of {label.Name}");
            }

            if (label.Threshold is { } threshold && threshold is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"The threshold {threshold} of {label.Name} is not in 0 to 1.");
            }
        }

        if (TextCount > MaxTexts)
        {
            throw new ArgumentException($"Labels times prompts times templates is {TextCount} texts, more than {MaxTexts}.");
        }
    }

    private static void Check(string text, string what)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText || text.Any(char.IsControl))
        {
            throw new ArgumentException($"{what} has 1 to {LongestText} characters and no control characters.");
        }
    }
}
