using System.Diagnostics;

namespace Sightline.Curation.Export;

/// <summary>
/// Writes the shards of a plan that are not complete: one pass over the parts, a shard of each split open at a time; a shard that is full
/// is brought to its place while the next is written.
/// </summary>
internal sealed class ExportRun : IDisposable
{
    /// <summary>Pairs between two reports.</summary>
    private const int ReportPairs = 256;

    private readonly ExportSource _source;
    private readonly ExportRequest _request;
    private readonly ExportPlan _plan;
    private readonly ExportFolder _folder;
    private readonly Action<ExportProgress> _progress;
    private readonly PlannedShard[][] _shards;
    private readonly int[] _at;
    private readonly ExportShardWriter?[] _open;
    private readonly ImageReadAhead _images = new();
    private readonly byte[] _digits = new byte[64];
    private readonly long _all;
    private Task _completing = Task.CompletedTask;
    private CocoImageIds? _coco;
    private long _done;
    private long _passed;
    private long _reported;
    private long _imageBytes;

    internal ExportRun(ExportSource source, ExportRequest request, ExportPlan plan, ExportFolder folder, Action<ExportProgress> progress)
    {
        (_source, _request, _plan, _folder, _progress) = (source, request, plan, folder, progress);
        var splits = plan.Splits.Names.Count;
        _shards = [.. Enumerable.Range(0, splits).Select(split => plan.Shards.Where(s => s.Split == split).ToArray())];
        (_at, _open) = (new int[splits], new ExportShardWriter?[splits]);
        _all = plan.Parts.Sum(p => p.Exported.Sum(e => (long)e));
    }

    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_plan.Shards.All(s => _folder.ReceiptOf(s.Name) is not null))
        {
            return;
        }

        try
        {
            if (_request.Format == ExportFormat.Verdicts)
            {
                _folder.Receive(VerdictTable.Write(_source, _plan, _folder, Report, cancellationToken));
                return;
            }

            if (_request.Format == ExportFormat.Coco)
            {
                _coco = new CocoImageIds(_folder.Work);
                _coco.AddAll(_source, _plan, cancellationToken);
            }

            await WriteShardsAsync(cancellationToken);
        }
        finally
        {
            await _completing;
        }
    }

    public void Dispose()
    {
        _images.Dispose();
        _coco?.Dispose();
        DisposeFrom(0);
    }

    /// <summary>Each, though one before may fail.</summary>
    private void DisposeFrom(int split)
    {
        if (split == _open.Length)
        {
            return;
        }

        try
        {
            _open[split]?.Dispose();
        }
        finally
        {
            DisposeFrom(split + 1);
        }
    }

    private async Task WriteShardsAsync(CancellationToken cancellationToken)
    {
        foreach (var shard in _plan.Shards.Where(s => s.Pairs == 0 && _folder.ReceiptOf(s.Name) is null))
        {
            await CompleteAsync(Open(shard));
        }

        var wanted = FindWanted();
        var ahead = ReadAheadAsync(wanted, 0, cancellationToken);
        for (var i = 0; i < wanted.Count; i++)
        {
            var part = await ahead;
            ahead = ReadAheadAsync(wanted, i + 1, cancellationToken);
            try
            {
                await WritePartAsync(part!, wanted[i].Part, wanted[i].Starts, cancellationToken);
            }
            catch
            {
                await Task.WhenAny(ahead);
                throw;
            }
        }

        Debug.Assert(_open.All(o => o is null), "The verdicts were those of the plan: every shard is full.");
    }

    /// <summary>Parts with pairs of shards that are not complete; with how many pairs of each split come before.</summary>
    private List<(PlannedPart Part, long[] Starts)> FindWanted()
    {
        var wanted = new List<(PlannedPart, long[])>();
        var starts = new long[_shards.Length];
        foreach (var part in _plan.Parts)
        {
            var exported = part.Exported;
            var isWanted = false;
            for (var split = 0; split < starts.Length; split++)
            {
                var (start, end) = (starts[split], starts[split] + exported[split]);
                isWanted |= end > start && _shards[split].Any(s => s.First < end && s.End > start && _folder.ReceiptOf(s.Name) is null);
            }

            if (isWanted)
            {
                wanted.Add((part, [.. starts]));
            }
            else
            {
                Pass(exported.Sum());
            }

            for (var split = 0; split < starts.Length; split++)
            {
                starts[split] += exported[split];
            }
        }

        return wanted;
    }

    private Task<PairPart?> ReadAheadAsync(
        List<(PlannedPart Part, long[] Starts)> wanted, int place, CancellationToken cancellationToken) =>
        place == wanted.Count
            ? Task.FromResult<PairPart?>(null)
            : Task.Run<PairPart?>(
                () => _source.Dataset.ReadPart(wanted[place].Part.Number, PartColumns.Texts | PartColumns.Measures, cancellationToken),
                cancellationToken);

    private async Task WritePartAsync(PairPart part, PlannedPart planned, long[] starts, CancellationToken cancellationToken)
    {
        var chosen = _plan.Selection.Select(part, planned.ReadVerdicts(_source.Verdicts));
        var (indices, shards) = (new List<int>(), new List<PlannedShard>());
        for (var i = 0; i < chosen.Length; i++)
        {
            if (chosen[i] < 0)
            {
                continue;
            }

            var shard = ShardAt(chosen[i], starts[chosen[i]]++);
            if (_folder.ReceiptOf(shard.Name) is not null)
            {
                Pass(1);
                continue;
            }

            indices.Add(i);
            shards.Add(shard);
        }

        if (_request.HasImages)
        {
            await _images.ReadAsync(
                part, indices, (place, image) => WriteAsync(part, indices[place], shards[place], image), cancellationToken);
            return;
        }

        for (var place = 0; place < indices.Count; place++)
        {
            if (place % ReportPairs == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            await WriteAsync(part, indices[place], shards[place], null);
        }
    }

    private PlannedShard ShardAt(int split, long place)
    {
        while (place >= _shards[split][_at[split]].End)
        {
            _at[split]++;
        }

        return _shards[split][_at[split]];
    }

    private ValueTask WriteAsync(PairPart part, int index, PlannedShard shard, ImageRead? image)
    {
        var writer = _open[shard.Split] ??= Open(shard);
        writer.Add(new ExportedPair(part, index, _digits), image);
        _imageBytes += image is { Fault: null } ? image.Length : 0;
        Report(1);
        if (!writer.IsFull)
        {
            return ValueTask.CompletedTask;
        }

        _open[shard.Split] = null;
        return CompleteAsync(writer);
    }

    private ExportShardWriter Open(PlannedShard shard) => _request.Format switch
    {
        ExportFormat.WebDataset => new WebDatasetShard(shard, _folder, _request.ShardSize),
        ExportFormat.ImageFolder => new ImageFolderShard(shard, _folder, _request),
        ExportFormat.JsonLines => new JsonLinesTable(shard, _folder, _request),
        ExportFormat.Csv => new CsvTable(shard, _folder),
        ExportFormat.Parquet => new ParquetTable(shard, _folder),
        ExportFormat.Coco => new CocoTable(shard, _folder, _source.Name, _coco!),
        ExportFormat.Uids => new UidTable(shard, _folder),
        _ => throw new UnreachableException(),
    };

    /// <summary>One shard at a time is brought to its place: no more are in memory, or unfinished on the disk.</summary>
    private async ValueTask CompleteAsync(ExportShardWriter writer)
    {
        var before = _completing;
        _completing = Task.Run(async () =>
        {
            using (writer)
            {
                await before;
                _folder.Receive(writer.Complete());
            }
        });
        await before;
    }

    private void Pass(int pairs)
    {
        _passed += pairs;
        _done += pairs;
    }

    private void Report(int pairs)
    {
        _done += pairs;
        if (_done - _reported >= ReportPairs || _done == _all)
        {
            _reported = _done;
            _progress(new ExportProgress(IsPlanning: false, _done, _all, _imageBytes, _passed));
        }
    }
}
