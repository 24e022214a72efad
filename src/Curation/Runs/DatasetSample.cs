namespace Sightline.Curation;

/// <summary>
/// Pairs of a dataset held in memory, every n-th: enough to show at once what thresholds would keep. Of a dataset that is not larger than
/// the sample, all. Immutable.
/// </summary>
public sealed class DatasetSample
{
    /// <summary>Pairs of a sample, at most; about 400 bytes each.</summary>
    public const int MostPairs = 200_000;

    private const int Chunk = 4_096;

    private readonly PairPart _pairs;
    private readonly long[] _rows;
    private readonly PairStatistics _all;

    private DatasetSample(PairPart pairs, long[] rows, long total)
    {
        (_pairs, _rows, Total) = (pairs, rows, total);
        _all = Count(_ => true);
    }

    /// <summary>Pairs of the dataset.</summary>
    public long Total { get; }

    /// <summary>Pairs of the sample.</summary>
    public int Pairs => _rows.Length;

    public static DatasetSample Read(PairDataset dataset, CancellationToken cancellationToken) => Read(dataset, MostPairs, cancellationToken);

    internal static DatasetSample Read(PairDataset dataset, int most, CancellationToken cancellationToken)
    {
        var total = dataset.CountPairs();
        var step = Math.Max(1, (total + most - 1) / most);
        var pairs = new PairBatch(0);
        var (rows, facts, measures) = (new List<long>(), new List<CaptionFacts>(), new List<ImageMeasures>());
        foreach (var part in dataset.ReadParts((PartColumns.Texts & ~PartColumns.Extras) | PartColumns.Facts | PartColumns.Measures, cancellationToken))
        {
            // Rows 0, step, 2 step, … of the whole dataset.
            for (var i = (int)((step - (part.FirstRow % step)) % step); i < part.Count; i += (int)step)
            {
                pairs.Add(part.Source[i]);
                rows.Add(part.FirstRow + i);
                facts.Add(part.Facts[i]);
                measures.Add(part.Measures.IsEmpty ? default : part.Measures[i]);
            }
        }

        return new DatasetSample(new PairPart(pairs, [.. facts], [.. measures], null), [.. rows], total);
    }

    /// <summary>What a recipe's filters of single pairs would do; those of groups are named and not counted.</summary>
    /// <param name="samples">Pairs of each reason that are named.</param>
    /// <exception cref="RecipeException">The recipe cannot be made.</exception>
    public RunPreview Preview(Recipe recipe, RecipeContext context, int samples, CancellationToken cancellationToken)
    {
        var filters = recipe.Create(context);
        KnownFields.Check(filters.Pairs, [_pairs]);
        var verdicts = new ushort[_rows.Length];
        Parallel.For(0, (verdicts.Length + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = cancellationToken }, chunk =>
        {
            for (var i = chunk * Chunk; i < Math.Min(verdicts.Length, (chunk + 1) * Chunk); i++)
            {
                verdicts[i] = PairJudge.Judge(filters.Pairs, _pairs[i]);
            }
        });
        var byReason = new long[1 + filters.Pairs.Sum(f => f.Reasons.Count)];
        var rows = new List<long>[byReason.Length];
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (byReason[verdicts[i]]++ < samples)
            {
                (rows[verdicts[i]] ??= []).Add(_rows[i]);
            }
        }

        return new RunPreview(
            Total, RunReport.Of([.. filters.Pairs], byReason, _all, Count(i => verdicts[i] == 0)), [.. filters.Groups.Select(f => f.Name)],
            rows.Index().Where(r => r.Item is not null).ToDictionary(r => r.Index, r => (IReadOnlyList<long>)r.Item));
    }

    private PairStatistics Count(Func<int, bool> counts)
    {
        var all = new PairStatistics();
        var gate = new Lock();
        Parallel.For(0, (_rows.Length + Chunk - 1) / Chunk, () => new PairStatistics(), (chunk, _, statistics) =>
        {
            for (var i = chunk * Chunk; i < Math.Min(_rows.Length, (chunk + 1) * Chunk); i++)
            {
                if (counts(i))
                {
                    statistics.Add(_pairs[i]);
                }
            }

            return statistics;
        }, statistics =>
        {
            lock (gate)
            {
                all.Add(statistics);
            }
        });
        return all;
    }
}

/// <summary>What a recipe would do.</summary>
/// <param name="Total">Pairs of the dataset; the report counts the pairs of the sample.</param>
/// <param name="Report">Of the filters of single pairs.</param>
/// <param name="NotCounted">Filters of groups, which only a run can count.</param>
/// <param name="Samples">For each number of a reason, and 0 for what is kept, the first rows.</param>
public sealed record RunPreview(
    long Total, RunReport Report, IReadOnlyList<string> NotCounted, IReadOnlyDictionary<int, IReadOnlyList<long>> Samples);
