namespace Sightline.Curation;

/// <summary>
/// Pairs of a dataset held in memory, every n-th: enough to show at once what thresholds would keep. Of a dataset that is not larger than
/// the sample, all. Numbers are read at once, texts when a filter first asks for them. Thread-safe.
/// </summary>
public sealed class DatasetSample
{
    /// <summary>Pairs of a sample, at most; about 200 bytes each, and twice that with texts.</summary>
    public const int MostPairs = 200_000;

    private const int Chunk = 4_096;
    private const PartColumns Texts = PartColumns.Texts & ~PartColumns.Extras;

    private readonly PairDataset _dataset;
    private readonly long _step;
    private readonly PairPart _numbers;
    private readonly PairStatistics _all;
    private readonly Lock _gate = new();
    private Task<PairPart>? _texts;

    private DatasetSample(PairDataset dataset, long total, long step, PairPart numbers)
    {
        (_dataset, Total, _step, _numbers) = (dataset, total, step, numbers);
        _all = Count(_ => true);
    }

    /// <summary>Pairs of the dataset.</summary>
    public long Total { get; }

    /// <summary>Pairs of the sample.</summary>
    public int Pairs => _numbers.Count;

    public static DatasetSample Read(PairDataset dataset, CancellationToken cancellationToken) => Read(dataset, MostPairs, cancellationToken);

    internal static DatasetSample Read(PairDataset dataset, int most, CancellationToken cancellationToken)
    {
        var total = dataset.CountPairs();
        var step = Math.Max(1, (total + most - 1) / most);
        return new DatasetSample(dataset, total, step, Pick(dataset, step, PartColumns.Facts | PartColumns.Measures, cancellationToken));
    }

    /// <summary>What a recipe would do: its filters of single pairs and, where asked for and the sample has all pairs, those of groups;
    /// others are named and not counted.</summary>
    /// <param name="samples">Pairs of each reason that are named.</param>
    /// <param name="withGroups">May take as long as a run of them.</param>
    /// <exception cref="RecipeException">The recipe cannot be made, or asks for what the dataset does not have.</exception>
    public async Task<RunPreview> PreviewAsync(Recipe recipe, RecipeContext context, int samples, bool withGroups, CancellationToken cancellationToken)
    {
        var filters = recipe.Create(context);
        var pairs = filters.Pairs.Any(f => f.Cost == FilterCost.Texts) ? await ReadTextsAsync().WaitAsync(cancellationToken) : _numbers;
        return await Task.Run(() => Preview(filters, pairs, recipe.Seed, samples, withGroups && _step == 1, cancellationToken), cancellationToken);
    }

    private RunPreview Preview(
        RecipeFilters filters, PairPart pairs, int seed, int samples, bool withGroups, CancellationToken cancellationToken)
    {
        // What no pair of a sample has, one of the others may.
        KnownFields.Check(
            filters.Pairs, _step == 1 ? [_numbers] : _dataset.ReadParts(PartColumns.Measures, cancellationToken).Prepend(_numbers));
        var verdicts = new ushort[pairs.Count];
        Parallel.For(0, (verdicts.Length + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = cancellationToken }, chunk =>
        {
            for (var i = chunk * Chunk; i < Math.Min(verdicts.Length, (chunk + 1) * Chunk); i++)
            {
                verdicts[i] = PairJudge.Judge(filters.Pairs, pairs[i]);
            }
        });
        if (withGroups)
        {
            JudgeGroups(filters, verdicts, seed, cancellationToken);
        }

        CurationFilter[] counted = [.. filters.Pairs, .. withGroups ? filters.Groups : []];
        var byReason = new long[1 + counted.Sum(f => f.Reasons.Count)];
        var rows = new List<long>[byReason.Length];
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (byReason[verdicts[i]]++ < samples)
            {
                (rows[verdicts[i]] ??= []).Add(i * _step);
            }
        }

        return new RunPreview(
            Total, RunReport.Of(counted, byReason, _all, Count(i => verdicts[i] == 0)), withGroups ? [] : [.. filters.Groups.Select(f => f.Name)],
            rows.Index().Where(r => r.Item is not null).ToDictionary(r => r.Index, r => (IReadOnlyList<long>)r.Item));
    }

    // As a run does, in a place of its own.
    private void JudgeGroups(RecipeFilters filters, ushort[] verdicts, int seed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sightline-preview-").FullName;
        try
        {
            var first = 1 + filters.Pairs.Sum(f => f.Reasons.Count);
            var files = new RunFiles(folder);
            foreach (var (number, filter) in filters.Groups.Index())
            {
                GroupRunOnDisk.Run(filter, _dataset, verdicts, seed, files, number, cancellationToken);
                foreach (var drop in files.ReadDrops(number))
                {
                    verdicts[drop.Row] = (ushort)(first + drop.Reason);
                }

                first += filter.Reasons.Count;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One reads, for all who ask meanwhile.
    private Task<PairPart> ReadTextsAsync()
    {
        lock (_gate)
        {
            return _texts is { IsFaulted: false } ? _texts : _texts = Task.Run(() =>
            {
                var texts = Pick(_dataset, _step, Texts, CancellationToken.None);
                return texts.Count == _numbers.Count
                    ? new PairPart(texts.Source, _numbers.Facts.ToArray(), _numbers.Measures.ToArray(), null)
                    : throw new InvalidDataException($"The dataset in {_dataset.Folder} changed while it was looked at.");
            });
        }
    }

    // Rows 0, step, 2 step, … of the whole dataset.
    private static PairPart Pick(PairDataset dataset, long step, PartColumns columns, CancellationToken cancellationToken)
    {
        var picked = new PairPart[dataset.CountParts()];
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, picked.Length, options, number => picked[number] = Pick(dataset.ReadPart(number, columns, cancellationToken), step));
        var (pairs, facts, measures) = (new PairBatch(0), new List<CaptionFacts>(), new List<ImageMeasures>());
        foreach (var part in picked)
        {
            for (var i = 0; i < part.Count; i++)
            {
                pairs.Add(part.Source[i]);
            }

            facts.AddRange(part.Facts);
            measures.AddRange(part.Measures);
        }

        return new PairPart(pairs, columns.HasFlag(PartColumns.Facts) ? [.. facts] : null, columns.HasFlag(PartColumns.Measures) ? [.. measures] : null, null);
    }

    private static PairPart Pick(PairPart part, long step)
    {
        var first = (int)((step - (part.FirstRow % step)) % step);
        var (pairs, facts, measures) = (new PairBatch(0), new List<CaptionFacts>(), new List<ImageMeasures>());
        for (long i = first; i < part.Count; i += step)
        {
            pairs.Add(part.Source[(int)i]);
            facts.Add(part.Facts.IsEmpty ? default : part.Facts[(int)i]);
            measures.Add(part.Measures.IsEmpty ? default : part.Measures[(int)i]);
        }

        return new PairPart(pairs, [.. facts], [.. measures], null);
    }

    private PairStatistics Count(Func<int, bool> counts)
    {
        var all = new PairStatistics();
        var gate = new Lock();
        Parallel.For(0, (Pairs + Chunk - 1) / Chunk, () => new PairStatistics(), (chunk, _, statistics) =>
        {
            for (var i = chunk * Chunk; i < Math.Min(Pairs, (chunk + 1) * Chunk); i++)
            {
                if (counts(i))
                {
                    statistics.Add(_numbers[i]);
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
/// <param name="Report">Of the filters that were counted.</param>
/// <param name="NotCounted">Filters of groups that were left out: they look at all pairs together.</param>
/// <param name="Samples">For each number of a reason, and 0 for what is kept, the first rows.</param>
public sealed record RunPreview(
    long Total, RunReport Report, IReadOnlyList<string> NotCounted, IReadOnlyDictionary<int, IReadOnlyList<long>> Samples);
