namespace Sightline.Curation;

/// <summary>What <see cref="BalanceFilter"/> evens out.</summary>
/// <param name="MaxPerWord">Pairs of a query word from which on it is thinned; null: words are not balanced.</param>
/// <param name="Words">The query words, of one or more words each; empty: all words of captions.</param>
/// <param name="MinOccurrences">Without <paramref name="Words"/>: pairs that a word must occur in to be a query word.</param>
/// <param name="DropUnmatched">A pair without any query word is dropped, as CLIP and MetaCLIP do.</param>
/// <param name="MaxPerHost">Pairs from one web host; null: any number.</param>
public sealed record BalanceSettings(
    int? MaxPerWord, IReadOnlyList<string> Words, int MinOccurrences, bool DropUnmatched, int? MaxPerHost);
