namespace Sightline.Curation;

/// <summary>How pairs are spread over every field and over languages. Filled by one thread; two can be added.</summary>
public sealed class PairStatistics
{
    private static readonly PairField[] Fields = Enum.GetValues<PairField>();

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
        foreach (var histogram in _histograms)
        {
            histogram.Add(PairFields.Value(histogram.Field, pair));
        }

        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_languages, pair.Facts.Language, out _);
        count++;
    }

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
