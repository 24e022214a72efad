using System.Globalization;
using System.Runtime.InteropServices;

namespace Sightline.Curation;

/// <summary>A pair that a filter of groups dropped.</summary>
/// <param name="Row">The pair.</param>
/// <param name="Twin">The row of the pair that is kept in its stead; -1: none.</param>
/// <param name="Reason">The filter's, from 0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct GroupDrop(long Row, long Twin, int Reason);

/// <summary>What a run keeps beside its verdicts.</summary>
internal sealed class RunFiles(string folder)
{
    private const int Version = 1;

    internal string Scratch => Path.Combine(folder, "scratch");

    /// <summary>Whether a filter of groups has run to its end.</summary>
    internal bool HasDrops(int filter) => RecordFile.Count<GroupDrop>(PathOf(filter), Version) is not null;

    /// <summary>What a filter of groups has dropped, in its order.</summary>
    internal IEnumerable<GroupDrop> ReadDrops(int filter) => RecordFile.ReadEach<GroupDrop>(PathOf(filter), Version);

    internal RecordWriter<GroupDrop> CreateDrops(int filter) => new(PathOf(filter), Version);

    /// <summary>The pairs that were kept in the stead of some that were dropped.</summary>
    internal Dictionary<long, long> FindTwins(IReadOnlySet<long> rows)
    {
        var twins = new Dictionary<long, long>();
        for (var filter = 0; rows.Count > 0 && HasDrops(filter); filter++)
        {
            foreach (var drop in ReadDrops(filter))
            {
                if (drop.Twin >= 0 && rows.Contains(drop.Row))
                {
                    twins[drop.Row] = drop.Twin;
                }
            }
        }

        return twins;
    }

    private string PathOf(int filter) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"drops-{filter:D2}.bin"));
}
