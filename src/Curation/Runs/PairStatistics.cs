namespace Sightline.Curation;

/// <summary>How pairs are spread over every field and over languages. Filled by one thread; two can be added.</summary>
public sealed class PairStatistics
{
    private static readonly PairField[] Fields = Enum.GetValues<PairField>();

    private static readonly PairField[] NumberFields =
        [PairField.Characters, PairField.Words, PairField.Aspect, PairField.ShorterSide, PairField.Area, PairField.Similarity];

    private static readonly PairField[] ImageFields =
        [PairField.Sharpness, PairField.Brightness, PairField.Contrast, PairField.Entropy, PairField.TextLikeness];

    private readonly FieldHistogram[] _histograms = [.. Fields.Select(f => new FieldHistogram(f))];
    private readonly Dictionary<LanguageCode, long> _languages = [];

    public long Pairs { get; private set; }

    /// <summary>One for each <see cref="PairField"/>.</summary>
    public IReadOnlyList<FieldHistogram> Histograms => _histograms;

    /// <summary>Most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Languages =>
        [.. _languages.Select(l => KeyValuePair.Create(l.Key.ToString(), l.Value)).OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal)];

    internal void Add(in Pair pair)
    {
        Pairs++;
        ref readonly var facts = ref pair.Facts;
        Of(PairField.LanguageConfidence).Add(facts.LanguageConfidence);
        Of(PairField.MarkedShare).Add(facts.MarkedShare);
        Of(PairField.RepeatedShare).Add(facts.RepeatedShare);
        foreach (var field in NumberFields)
        {
            Of(field).Add(PairFields.Value(field, pair));
        }

        foreach (var field in ImageFields)
        {
            Of(field).Add(pair.Measures.Known == 0 ? double.NaN : PairFields.Value(field, pair));
        }

        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_languages, pair.Facts.Language, out _);
        count++;
    }

    private FieldHistogram Of(PairField field) => _histograms[(int)field];

    internal void Add(PairStatistics other)
    {
        Pairs += other.Pairs;
        for (var i = 0; i < _histograms.Length; i++)
        {
            _histograms[i].Add(other._histograms[i]);
        }

        foreach (var (language, count) in other._languages)
        {
            _languages[language] = _languages.GetValueOrDefault(language) + count;
        }
    }
}
