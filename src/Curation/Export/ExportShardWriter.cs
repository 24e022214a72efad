using System.Text;

namespace Sightline.Curation.Export;

/// <summary>Writes the pairs of one shard, in their order. Not completed, it leaves nothing in the shard's place.</summary>
internal abstract class ExportShardWriter(PlannedShard plan) : IDisposable
{
    /// <summary>Faults that are listed one by one.</summary>
    private const int MostFaults = 100;

    private readonly SortedDictionary<string, long> _faultCounts = new(StringComparer.Ordinal);
    private readonly List<ExportFault> _faults = [];
    private readonly SharedFolder _images = new();

    internal PlannedShard Plan => plan;

    /// <summary>Pairs given to it.</summary>
    internal long Pairs { get; private set; }

    internal bool IsFull => Pairs == plan.Pairs;

    protected IReadOnlyDictionary<string, long> FaultCounts => _faultCounts;

    /// <param name="image">Null where the format has none.</param>
    internal void Add(in ExportedPair record, ImageRead? image)
    {
        Write(record, image);
        Pairs++;
    }

    /// <summary>Brings the shard to its place. May run beside the writing of others.</summary>
    internal abstract ExportShard Complete();

    public abstract void Dispose();

    protected abstract void Write(in ExportedPair record, ImageRead? image);

    /// <summary>Remembers where an image lies that the shard names and has not.</summary>
    protected void AddPlace(ReadOnlySpan<byte> image) => _images.Add(image);

    protected void AddFault(in ExportedPair record, ImageRead image)
    {
        _faultCounts[image.Fault!] = _faultCounts.GetValueOrDefault(image.Fault!) + 1;
        if (_faults.Count < MostFaults)
        {
            _faults.Add(new ExportFault(
                record.Row, Encoding.UTF8.GetString(record.Pair.Key), Encoding.UTF8.GetString(record.Pair.Image), image.Fault!,
                image.Detail));
        }
    }

    protected ExportShard Describe(IReadOnlyList<ExportFile> files) => new()
    {
        Name = plan.Name, Split = plan.SplitName, Pairs = plan.Pairs, Exported = plan.Pairs - _faultCounts.Values.Sum(),
        FaultCounts = _faultCounts, Faults = _faults, Files = files, ImageFolder = _images.Path,
    };
}
