namespace Sightline.Curation.Languages;

/// <summary>
/// How the n-gram model's scores, CLD2's answer and the languages' spread become probabilities. The defaults were fitted by
/// <c>eng/languages</c> for the lowest cross-entropy on half of the captions of Tux Paint's stamps, which nothing was trained on; the other
/// half is for the figures in docs/languages.md.
/// </summary>
internal sealed record LanguageCalibration
{
    internal static LanguageCalibration Default { get; } = new();

    /// <summary>What the scores are multiplied by.</summary>
    internal float ScoreScale { get; init; } = 0.311f;

    /// <summary>How that grows with the logarithm of the number of n-grams known.</summary>
    internal float ScoreScalePerLog { get; init; } = 0.217f;

    /// <summary>What CLD2's answer adds to a language for the share of the text that it gives it.</summary>
    internal float Cld2Share { get; init; } = -1.416f;

    /// <summary>As much more for that share where CLD2 calls its answer reliable.</summary>
    internal float Cld2ShareReliable { get; init; } = 0.693f;

    /// <summary>As much more for that share with the logarithm of the bytes of letters.</summary>
    internal float Cld2SharePerLogByte { get; init; } = 0.11f;

    /// <summary>What being CLD2's first adds.</summary>
    internal float Cld2First { get; init; } = 0.883f;

    /// <summary>What being CLD2's second or third adds.</summary>
    internal float Cld2Later { get; init; } = -2.71f;

    /// <summary>How far a language that CLD2 alone knows starts below the model's best.</summary>
    internal float Cld2OnlyBelow { get; init; } = 2;

    /// <summary>How far it starts ahead of it where CLD2 is sure and to be believed (<see cref="Cld2.KnowsAlone"/>).</summary>
    internal float Cld2OnlyAhead { get; init; } = 1;

    /// <summary>
    /// The part of the logarithm of a language's writers that counts. Chosen, not fitted: in full (1) English would get every doubtful
    /// word, with none Afrikaans half of the Dutch ones.
    /// </summary>
    internal float PriorScale { get; init; } = 0.25f;

    /// <summary>From this probability on CLD2 is not asked: it takes longer than the model and would hardly change an answer.</summary>
    internal float SureWithoutCld2 { get; init; } = 0.98f;

    /// <summary>The confidence in a script's only language; a single Greek letter may be a unit or a formula.</summary>
    internal float ScriptAlone { get; init; } = 0.995f;

    /// <inheritdoc cref="ScriptAlone"/>
    internal float SingleGreekLetter { get; init; } = 0.4f;

    /// <summary>What a change of language from one word to the next costs, in nats.</summary>
    internal float Change { get; init; } = 8;

    /// <summary>What it costs where a mark parts the two words.</summary>
    internal float ChangeAtMark { get; init; } = 2;

    /// <summary>Both parts of a mixed text are in the language that is told with at least this probability.</summary>
    internal float MixedPartFrom { get; init; } = 0.5f;

    /// <summary>Both parts are in one language after all with at most this probability.</summary>
    internal float MixedOneLanguageUpTo { get; init; } = 0.01f;
}
