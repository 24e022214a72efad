using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>
/// Frequent query words are thinned, so that rare things stay visible, by algorithm 1 of MetaCLIP (Xu et al. 2023, "Demystifying CLIP
/// data"), which gives about the at most 20,000 pairs a query of CLIP (Radford et al. 2021, section 2.2): a word that n of the pairs have
/// is drawn for each with probability min(1, N / n), and a pair is kept when any of its words is drawn. So a rare word keeps all its pairs,
/// and a word keeps N pairs on average by itself, and more where others of its pairs' words are rare. What is drawn depends on the row, the
/// word and the seed alone. Hosts are limited before words are counted, exactly, to pairs drawn at random; a pair without an address has no
/// host. Memory: some 40 bytes for each different word and a bit a pair; with hosts, scratch files of 32 bytes a pair.
/// </summary>
public sealed class BalanceFilter(BalanceSettings settings) : GroupFilter(
    "balance",
    new DropReason("no_query_word", "no query word in the caption"),
    new DropReason("over_word", Counted.Text("all of its query words thinned to {0} pairs", settings.MaxPerWord)),
    new DropReason("over_host", Counted.Text("more than {0} pairs from its web host", settings.MaxPerHost)))
{
    /// <summary>CLIP's.</summary>
    private const int DefaultPerWord = 20_000;

    /// <summary>CLIP's queries were words that occur at least so often in Wikipedia.</summary>
    private const int DefaultOccurrences = 100;

    internal static FilterDefinition Definition { get; } = new(
        "balance", "Balance", "Frequent words and hosts do not outweigh the others.",
        [
            new FilterParameter(
                "max_per_word", "About at most (20,000 where no number is given)", ParameterKind.Integer, null, 1, 1e9,
                "pairs with one word"),
            new FilterParameter("words", "Query words (all words of captions where none is given)", ParameterKind.TextList),
            new FilterParameter("words_file", "File of query words, one a line", ParameterKind.Text),
            new FilterParameter("min_occurrences", "Without query words: words in at least", ParameterKind.Integer, "100", 1, 1e9, "pairs"),
            new FilterParameter("drop_unmatched", "Drop pairs without a query word", ParameterKind.Boolean, "false"),
            new FilterParameter("max_per_host", "At most", ParameterKind.Integer, null, 1, 1e9, "pairs from one web host"),
        ],
        a => new BalanceFilter(new BalanceSettings(
            a.Integer("max_per_word") ?? (a.Integer("max_per_host") is null ? DefaultPerWord : null), ReadWords(a),
            a.Integer("min_occurrences") ?? DefaultOccurrences, a.Boolean("drop_unmatched"), a.Integer("max_per_host"))));

    /// <inheritdoc/>
    public override PartColumns Columns =>
        (settings.MaxPerWord is null ? PartColumns.None : PartColumns.Captions)
        | (settings.MaxPerHost is null ? PartColumns.None : PartColumns.Urls);

    /// <inheritdoc/>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var dropped = new RowSet(run.Pairs);
        if (settings.MaxPerHost is { } perHost)
        {
            LimitHosts(run, perHost, dropped, cancellationToken);
        }

        if (settings.MaxPerWord is { } perWord)
        {
            ThinWords(run, perWord, dropped, cancellationToken);
        }
    }

    private static List<string> ReadWords(FilterArguments arguments)
    {
        List<string> words = [.. ListedTexts.Read(arguments, "words", "words_file").Select(w => w.Text)];
        if (new QueryWords(words).Count == 0 && words.Count > 0)
        {
            throw arguments.Fault("none of the query words has a letter or digit.");
        }

        return words;
    }

    private static void LimitHosts(GroupRun run, int most, RowSet dropped, CancellationToken cancellationToken)
    {
        using var hosts = new CopyLimit(run, most);
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Count; i++)
            {
                var row = part.FirstRow + i;
                if (run.IsLeft(row) && WebHost.TryHash(part.Source.Urls[i], out var host))
                {
                    hosts.Add(host, (float)SeededHash.Unit(SeededHash.Of(run.Seed, row, host)), row);
                }
            }
        }

        foreach (var (row, _) in hosts.Beyond(cancellationToken))
        {
            run.Drop(row, 2);
            dropped.Add(row);
        }
    }

    private void ThinWords(GroupRun run, int most, RowSet dropped, CancellationToken cancellationToken)
    {
        var queries = new QueryWords(settings.Words);
        var counts = new Dictionary<ulong, long>();
        Visit(run, queries, dropped, (row, words) =>
        {
            foreach (var word in words)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
            }
        }, cancellationToken);
        var least = settings.Words.Count == 0 ? settings.MinOccurrences : 1;
        Visit(run, queries, dropped, (row, words) =>
        {
            var (isMatched, isDrawn) = (false, false);
            foreach (var word in words)
            {
                var count = counts[word];
                isMatched |= count >= least;
                isDrawn |= count >= least && SeededHash.Unit(SeededHash.Of(run.Seed, row, word)) * count < most;
            }

            if (isMatched ? !isDrawn : settings.DropUnmatched)
            {
                run.Drop(row, isMatched ? 1 : 0);
            }
        }, cancellationToken);
    }

    private static void Visit(
        GroupRun run, QueryWords queries, RowSet dropped, Action<long, List<ulong>> visit, CancellationToken cancellationToken)
    {
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Count; i++)
            {
                var row = part.FirstRow + i;
                if (run.IsLeft(row) && !dropped.Contains(row))
                {
                    visit(row, queries.Of(part.Source.Captions[i]));
                }
            }
        }
    }
}
