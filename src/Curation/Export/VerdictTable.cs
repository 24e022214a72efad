using Sightline.Curation.Parquet;

namespace Sightline.Curation.Export;

/// <summary>A Parquet file with a row for every pair of the dataset: its key, whether it is kept, why not, and its split.</summary>
internal sealed class VerdictTable : IDisposable
{
    internal const string Keep = "keep";
    internal const string Drop = "drop";

    /// <summary>What stands for a reason where the pair is left out as a picture that a model made.</summary>
    internal const string Generated = "generated";

    private static readonly ParquetField[] Fields =
    [
        new("row", ParquetType.Int64, IsOptional: false), new("key", ParquetType.Text, IsOptional: false),
        new("verdict", ParquetType.Text, IsOptional: false), new("reason", ParquetType.Text), new("split", ParquetType.Text),
    ];

    private readonly ExportSource _source;
    private readonly IReadOnlyList<string> _splits;
    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly AtomicFile _file;
    private readonly ParquetWriter _rows;

    private VerdictTable(string name, ExportSource source, IReadOnlyList<string> splits, ExportFolder folder)
    {
        (_source, _splits, _folder, _name) = (source, splits, folder, name + ".parquet");
        _file = AtomicFile.Create(folder.PathOf(_name));
        _rows = new ParquetWriter(_file.Stream, Fields);
    }

    /// <param name="report">Is told how many exported pairs are done.</param>
    internal static ExportShard Write(
        ExportSource source, ExportPlan plan, ExportFolder folder, Action<int> report, CancellationToken cancellationToken)
    {
        var shard = plan.Shards[0];
        using var table = new VerdictTable(shard.Name, source, plan.Splits.Names, folder);
        foreach (var planned in plan.Parts)
        {
            var part = source.Dataset.ReadPart(planned.Number, PartColumns.Keys | plan.Selection.Columns, cancellationToken);
            var verdicts = planned.ReadVerdicts(source.Verdicts);
            table.Add(part, verdicts, plan.Selection.Select(part, verdicts));
            report(planned.Exported.Sum());
        }

        return new ExportShard
        {
            Name = shard.Name,
            Split = "",
            Pairs = shard.Pairs,
            Exported = shard.Pairs,
            FaultCounts = new Dictionary<string, long>(),
            Faults = [],
            Files = [table.Complete()],
        };
    }

    public void Dispose()
    {
        _rows.Dispose();
        _file.Dispose();
    }

    /// <param name="chosen">As <see cref="PairSelection.Select"/> says.</param>
    private void Add(PairPart part, ReadOnlySpan<ushort> verdicts, ReadOnlySpan<sbyte> chosen)
    {
        for (var i = 0; i < chosen.Length; i++)
        {
            var row = part.FirstRow + i;
            _rows.Set(0, row);
            _rows.Set(1, part.Source.Keys[i]);
            _rows.Set(2, chosen[i] >= 0 ? Keep : Drop);
            _rows.Set(3, chosen[i] switch
            {
                PairSelection.Dropped => _source.ReasonOf(verdicts[i], row),
                PairSelection.Generated => Generated,
                _ => null,
            });
            _rows.Set(4, chosen[i] >= 0 && _splits[chosen[i]].Length > 0 ? _splits[chosen[i]] : null);
            _rows.EndRow();
        }
    }

    private ExportFile Complete()
    {
        _rows.Finish();
        _file.Commit();
        return _folder.Describe(_name);
    }
}
