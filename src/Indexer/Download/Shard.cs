using System.Globalization;
using Sightline.Curation;

namespace Sightline.Indexer.Download;

/// <summary>Consecutive pairs of a dataset that go into one shard: a pair's key is its shard's number and its place, and so its row.</summary>
/// <param name="First">Of the pairs, in the part.</param>
internal sealed record Shard(int Number, PairPart Part, int First, int Count)
{
    /// <summary>Pairs of every shard but the last; divides a part.</summary>
    internal const int Rows = 10_000;

    /// <summary>As files are called, without their endings: at least five digits.</summary>
    internal string Name => NameOf(Number);

    /// <summary>Pairs that have an address and no image.</summary>
    internal List<int> Wanted
    {
        get
        {
            var wanted = new List<int>(Count);
            for (var pair = First; pair < First + Count; pair++)
            {
                if (!Part.Source.Urls[pair].IsEmpty && Part.Source.Images[pair].IsEmpty)
                {
                    wanted.Add(pair);
                }
            }

            return wanted;
        }
    }

    internal static string NameOf(int number) => number.ToString("D5", CultureInfo.InvariantCulture);

    internal string KeyOf(int pair) => Name + (pair - First).ToString("D4", CultureInfo.InvariantCulture);

    internal static IEnumerable<Shard> Of(PairDataset dataset, CancellationToken cancellationToken)
    {
        const PartColumns Columns = PartColumns.Texts;
        foreach (var part in dataset.ReadParts(Columns, cancellationToken))
        {
            for (var first = 0; first < part.Count; first += Rows)
            {
                yield return new Shard((int)((part.FirstRow + first) / Rows), part, first, Math.Min(Rows, part.Count - first));
            }
        }
    }
}
