namespace Sightline.Curation;

/// <summary>One filter of groups at work in a run. What it drops goes to the disk: memory is a bit a pair, however many go.</summary>
internal sealed class GroupRunOnDisk : GroupRun, IDisposable
{
    private readonly PairDataset _dataset;
    private readonly PartColumns _columns;
    private readonly ushort[] _verdicts;
    private readonly RecordWriter<GroupDrop> _drops;
    private readonly System.Collections.BitArray _dropped;

    private GroupRunOnDisk(PairDataset dataset, PartColumns columns, ushort[] verdicts, int seed, string scratch, RecordWriter<GroupDrop> drops)
    {
        (_dataset, _columns, _verdicts, _drops) = (dataset, columns, verdicts, drops);
        (Seed, Scratch) = (seed, scratch);
        _dropped = new(verdicts.Length);
        Left = verdicts.LongCount(v => v == 0);
        Clear();
        Directory.CreateDirectory(scratch);
    }

    public override string Scratch { get; }

    public override int Seed { get; }

    public override long Pairs => _verdicts.Length;

    public override long Left { get; }

    public override IEnumerable<PairPart> Parts(CancellationToken cancellationToken) => _dataset.ReadParts(_columns, cancellationToken);

    public override bool IsLeft(long row) => _verdicts[row] == 0;

    public override void Drop(long row, int reason, long twin = -1)
    {
        if (!IsLeft(row) || _dropped[(int)row])
        {
            throw new InvalidOperationException($"Pair {row} is dropped already.");
        }

        _dropped[(int)row] = true;
        _drops.Add(new GroupDrop(row, twin, reason));
    }

    /// <summary>Runs a filter; what it drops is on the disk then, and not before.</summary>
    /// <param name="verdicts">Of the filters before.</param>
    /// <param name="number">Of the filter among those of groups.</param>
    internal static void Run(
        GroupFilter filter, PairDataset dataset, ushort[] verdicts, int seed, RunFiles files, int number, CancellationToken cancellationToken)
    {
        using var drops = files.CreateDrops(number);
        using (var run = new GroupRunOnDisk(dataset, filter.Columns, verdicts, seed, files.Scratch, drops))
        {
            filter.Run(run, cancellationToken);
        }

        drops.Commit();
    }

    public void Dispose() => Clear();

    // Also what a run that was killed left behind.
    private void Clear()
    {
        if (Directory.Exists(Scratch))
        {
            Directory.Delete(Scratch, recursive: true);
        }
    }
}
