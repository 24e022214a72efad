namespace Sightline.Curation;

/// <summary>
/// A recipe over a dataset: filters of single pairs part by part on all cores, then filters of groups one after the other. Verdicts of a
/// part, and drops of a filter of groups, are on the disk once they are complete: a run that ended in the middle goes on there. Memory:
/// one part a core; with filters of groups three bytes a pair more, and what the filter itself says.
/// </summary>
/// <param name="folder">Of the run; verdicts go there.</param>
public sealed class CurationRun(PairDataset dataset, Recipe recipe, RecipeContext context, string folder)
{
    private readonly RunFiles _files = new(folder);
    private readonly RunVerdicts _verdicts = new(folder, new Dictionary<long, bool>());

    /// <summary>Runs what has not been run yet.</summary>
    /// <exception cref="RecipeException">The recipe asks for what the dataset does not have.</exception>
    public RunReport Run(RunProgress progress, CancellationToken cancellationToken)
    {
        var filters = recipe.Create(context);
        Directory.CreateDirectory(folder);
        var parts = dataset.CountParts();
        var pairs = dataset.CountPairs();
        progress.Start(pairs);
        KnownFields.Check(filters.Pairs, dataset.ReadParts(PartColumns.Measures, cancellationToken));
        JudgePairs(filters, parts, pairs, progress, cancellationToken);
        if (filters.Groups.Count > 0)
        {
            JudgeGroups(filters, parts, pairs, progress, cancellationToken);
        }

        progress.Enter("counting");
        return Count(filters, parts, progress, cancellationToken);
    }

    private void JudgePairs(RecipeFilters filters, int parts, long pairs, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter("filtering pairs");
        var columns = PartColumns.Facts | PartColumns.Measures
            | (filters.Pairs.Any(f => f.Cost == FilterCost.Texts) ? PartColumns.Texts & ~PartColumns.Extras : PartColumns.None);
        Parallel.For(0, parts, Options(cancellationToken), part =>
        {
            var count = Math.Min(PairDataset.PartRows, pairs - ((long)part * PairDataset.PartRows));
            if (_verdicts.Has(part))
            {
                progress.Pass(count);
                return;
            }

            _verdicts.Write(part, PairJudge.Judge(filters.Pairs, dataset.ReadPart(part, columns, cancellationToken)));
            progress.Count(count);
        });
    }

    private void JudgeGroups(RecipeFilters filters, int parts, long pairs, RunProgress progress, CancellationToken cancellationToken)
    {
        var verdicts = new ushort[pairs];
        for (var part = 0; part < parts; part++)
        {
            _verdicts.ReadOfRun(part).CopyTo(verdicts.AsSpan(part * PairDataset.PartRows));
        }

        var first = 1 + filters.Pairs.Sum(f => f.Reasons.Count);
        foreach (var (number, filter) in filters.Groups.Index())
        {
            progress.Enter(filter.Name);
            if (!_files.HasDrops(number))
            {
                GroupRunOnDisk.Run(filter, dataset, verdicts, recipe.Seed, _files, number, cancellationToken);
            }

            foreach (var drop in _files.ReadDrops(number))
            {
                verdicts[drop.Row] = (ushort)(first + drop.Reason);
            }

            first += filter.Reasons.Count;
        }

        for (var part = 0; part < parts; part++)
        {
            var start = part * PairDataset.PartRows;
            _verdicts.Write(part, verdicts.AsSpan(start, (int)Math.Min(PairDataset.PartRows, pairs - start)));
        }
    }

    private RunReport Count(RecipeFilters filters, int parts, RunProgress progress, CancellationToken cancellationToken)
    {
        var (all, kept) = (new PairStatistics(), new PairStatistics());
        var byReason = new long[1 + filters.All.Sum(f => f.Reasons.Count)];
        var gate = new Lock();
        Parallel.For(0, parts, Options(cancellationToken), number =>
        {
            var part = dataset.ReadPart(number, PartColumns.Facts | PartColumns.Measures, cancellationToken);
            var verdicts = _verdicts.ReadOfRun(number);
            var (partAll, partKept) = (new PairStatistics(), new PairStatistics());
            var partReasons = new long[byReason.Length];
            for (var i = 0; i < part.Count; i++)
            {
                partReasons[verdicts[i]]++;
                partAll.Add(part[i]);
                if (verdicts[i] == 0)
                {
                    partKept.Add(part[i]);
                }
            }

            lock (gate)
            {
                all.Add(partAll);
                kept.Add(partKept);
                for (var i = 0; i < byReason.Length; i++)
                {
                    byReason[i] += partReasons[i];
                }
            }
        });
        progress.Finish(kept.Pairs);
        return RunReport.Of([.. filters.All], byReason, all, kept);
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
}
