using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>Looks at all verdicts, and at what of the pairs tells the splits.</summary>
internal sealed class ExportPlanner
{
    /// <summary>Parts in memory at once.</summary>
    private const int MostAtOnce = 4;

    private static readonly string Tool = $"sightline {typeof(ExportPlanner).Assembly.GetName().Version?.ToString(3)}";

    private readonly ExportSource _source;
    private readonly ExportRequest _request;
    private readonly SplitTable _splits;
    private readonly PairSelection _selection;

    internal ExportPlanner(ExportSource source, ExportRequest request)
    {
        (_source, _request) = (source, request);
        _splits = new SplitTable(request.Splits, request.Seed);
        _selection = new PairSelection(_splits, request.IncludeGenerated);
    }

    internal async Task<ExportPlan> PlanAsync(Action<ExportProgress> progress, CancellationToken cancellationToken)
    {
        var parts = new PartResult[_source.Dataset.CountParts()];
        var (done, all) = (0L, _source.Dataset.CountPairs());
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, MostAtOnce), CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, parts.Length, options, (number, stop) =>
        {
            parts[number] = Look(number, stop);
            progress(new ExportProgress(IsPlanning: true, Interlocked.Add(ref done, parts[number].Pairs), all, 0));
            return ValueTask.CompletedTask;
        });

        CheckMeasured(parts);
        var exported = new long[_splits.Names.Count];
        var rows = default(RowSum);
        foreach (var part in parts)
        {
            rows.Add(part.Rows);
            for (var split = 0; split < exported.Length; split++)
            {
                exported[split] += part.Exported[split];
            }
        }

        return new ExportPlan(
            Identify(parts), _splits, _selection, Count(parts), [.. parts.Select((p, i) => new PlannedPart(i, p.Verdicts, p.Exported))],
            Divide(exported), rows.ToString());
    }

    private PartResult Look(int number, CancellationToken cancellationToken)
    {
        var part = _source.Dataset.ReadPart(number, _selection.Columns, cancellationToken);
        var verdicts = _source.Verdicts.Read(number);
        var result = new PartResult
        {
            Pairs = part.Count,
            Files = [.. _source.Dataset.FilesOf(number).Select(DigestOfFile)],
            Verdicts = SHA256.HashData(MemoryMarshal.AsBytes(verdicts.AsSpan())),
            Dropped = new long[_source.Reasons.Count + 1],
            Exported = new int[_splits.Names.Count],
        };
        var chosen = _selection.Select(part, verdicts);
        for (var i = 0; i < chosen.Length; i++)
        {
            switch (chosen[i])
            {
                case PairSelection.Dropped:
                    _source.ReasonOf(verdicts[i], part.FirstRow + i);
                    result.Dropped[verdicts[i] == RunVerdicts.DroppedByHand ? ^1 : verdicts[i] - 1]++;
                    break;
                case PairSelection.Generated:
                    result.Generated++;
                    break;
                case var split:
                    result.Exported[split]++;
                    result.Rows.Add(part.FirstRow + i);
                    break;
            }
        }

        return result;
    }

    /// <summary>A split goes by an image's look only where it is measured: an image measured in one part and not in another could come to
    /// two splits.</summary>
    private void CheckMeasured(PartResult[] parts)
    {
        var measured = parts.Count(p => p.Files[1].Length > 0);
        if (_splits.Names.Count > 1 && measured > 0 && measured < parts.Length)
        {
            throw new ExportException(
                $"The images of {measured} of the dataset's {parts.Length} parts are measured: measure the others too, "
                + "or the same image could come to two splits.");
        }
    }

    private ExportCounts Count(PartResult[] parts)
    {
        var dropped = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i <= _source.Reasons.Count; i++)
        {
            var sum = parts.Sum(p => p.Dropped[i]);
            if (sum > 0)
            {
                var reason = i < _source.Reasons.Count ? _source.Reasons[i] : ExportSource.ByHand;
                dropped[reason] = dropped.GetValueOrDefault(reason) + sum;
            }
        }

        var pairs = parts.Sum(p => (long)p.Pairs);
        return new ExportCounts
        {
            Pairs = pairs, Kept = pairs - dropped.Values.Sum(), Dropped = dropped, Generated = parts.Sum(p => p.Generated),
        };
    }

    private PlanIdentity Identify(PartResult[] parts)
    {
        using var dataset = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var verdicts = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        dataset.AppendData(Encoding.UTF8.GetBytes(_source.Name + "\n"));
        verdicts.AppendData(JsonSerializer.SerializeToUtf8Bytes(_source.Reasons));
        foreach (var part in parts)
        {
            foreach (var file in part.Files)
            {
                dataset.AppendData([(byte)file.Length]);
                dataset.AppendData(file);
            }

            verdicts.AppendData(part.Verdicts);
        }

        var request = ManifestFile.Placeless(_request);
        return new PlanIdentity(
            Tool, Convert.ToHexStringLower(dataset.GetHashAndReset()), Convert.ToHexStringLower(verdicts.GetHashAndReset()),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_source.Recipe))),
            Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, ManifestFile.Options))));
    }

    private List<PlannedShard> Divide(long[] exported)
    {
        if (_request.Format == ExportFormat.Verdicts)
        {
            return [new PlannedShard(0, "", 0, 0, exported.Sum(), "verdicts")];
        }

        var shards = new List<PlannedShard>();
        for (var split = 0; split < exported.Length; split++)
        {
            var name = _splits.Names[split];
            if (!_request.HasImages)
            {
                shards.Add(new PlannedShard(split, name, 0, 0, exported[split], TableName(name)));
                continue;
            }

            var count = (exported[split] + _request.ShardSize - 1) / _request.ShardSize;
            for (long number = 0, first = 0; number < count; number++)
            {
                var pairs = (exported[split] / count) + (number < exported[split] % count ? 1 : 0);
                var place = number.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(5, Digits(count - 1)), '0');
                shards.Add(new PlannedShard(split, name, (int)number, first, pairs, name.Length == 0 ? place : $"{name}/{place}"));
                first += pairs;
            }
        }

        return shards;
    }

    private string TableName(string split) => _request.Format switch
    {
        ExportFormat.Coco => split.Length == 0 ? "captions" : $"captions_{split}",
        ExportFormat.Uids when split.Length == 0 => "uids",
        _ => split.Length == 0 ? "pairs" : split,
    };

    private static int Digits(long number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static byte[] DigestOfFile(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = SequentialFile.Open(path);
        return SHA256.HashData(file);
    }

    private sealed class PartResult
    {
        internal required int Pairs { get; init; }

        /// <summary>Digests of the part's files; empty where there is none.</summary>
        internal required byte[][] Files { get; init; }

        internal required byte[] Verdicts { get; init; }

        /// <summary>By reason, those by hand last.</summary>
        internal required long[] Dropped { get; init; }

        internal required int[] Exported { get; init; }

        internal long Generated { get; set; }

        internal RowSum Rows;
    }
}
