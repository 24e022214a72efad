namespace Sightline.Curation;

/// <summary>A pair as people see it.</summary>
/// <param name="Row">Its number in the dataset.</param>
/// <param name="Image">See <see cref="NewPair.Image"/>.</param>
/// <param name="Extra">See <see cref="NewPair.Extra"/>.</param>
/// <param name="Width">Pixels; 0 where it is not known.</param>
/// <param name="Similarity">NaN where it is not known.</param>
public sealed record PairRecord(
    long Row, string Key, string Caption, string Image, string Url, string Sha256, string Extra, int Width, int Height, float Similarity,
    CaptionFacts Facts, ImageMeasures Measures)
{
    internal static PairRecord Of(PairPart part, int index)
    {
        var source = part.Source;
        var pair = part[index];
        return new PairRecord(
            part.FirstRow + index, source.Keys.Text(index), source.Captions.Text(index), source.Images.Text(index), source.Urls.Text(index),
            source.Sha256s.Text(index), source.Extras.Text(index), pair.Width, pair.Height, pair.Similarity, pair.Facts, pair.Measures);
    }
}

/// <summary>Finds single pairs. Keeps the parts last looked at, 20 to 50 MB each, since people look at pairs that lie near each other.
/// Thread-safe.</summary>
public sealed class PairLookup
{
    private const int MostParts = 4;
    private const PartColumns Columns = PartColumns.Texts | PartColumns.Facts | PartColumns.Measures;

    private readonly Lock _gate = new();
    private readonly LinkedList<((string Folder, int Number, DateTime Written) Key, PairPart Part)> _parts = new();

    /// <summary>The pairs of these rows, in their order; rows that the dataset does not have are left out.</summary>
    public IReadOnlyList<PairRecord> Find(PairDataset dataset, IEnumerable<long> rows, CancellationToken cancellationToken)
    {
        var parts = dataset.CountParts();
        var found = new List<PairRecord>();
        foreach (var row in rows)
        {
            var number = row / PairDataset.PartRows;
            if (row < 0 || number >= parts)
            {
                continue;
            }

            var part = Part(dataset, (int)number, cancellationToken);
            if (row - part.FirstRow < part.Count)
            {
                found.Add(PairRecord.Of(part, (int)(row - part.FirstRow)));
            }
        }

        return found;
    }

    /// <summary>The first rows from one on that a condition holds for, by their verdicts.</summary>
    /// <param name="from">The first row that is looked at.</param>
    public static IReadOnlyList<long> FindRows(
        PairDataset dataset, RunVerdicts verdicts, Func<ushort, bool> isWanted, long from, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<long>();
        var parts = dataset.CountParts();
        for (var number = (int)Math.Min(from / PairDataset.PartRows, int.MaxValue); number < parts && rows.Count < limit; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = (long)number * PairDataset.PartRows;
            var all = verdicts.Read(number);
            for (var i = (int)Math.Max(0, from - first); i < all.Length && rows.Count < limit; i++)
            {
                if (isWanted(all[i]))
                {
                    rows.Add(first + i);
                }
            }
        }

        return rows;
    }

    private PairPart Part(PairDataset dataset, int number, CancellationToken cancellationToken)
    {
        var key = (dataset.Folder, number, dataset.WrittenAt(number));
        lock (_gate)
        {
            for (var node = _parts.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _parts.Remove(node);
                    _parts.AddFirst(node);
                    return node.Value.Part;
                }
            }
        }

        var part = dataset.ReadPart(number, Columns, cancellationToken);
        lock (_gate)
        {
            _parts.AddFirst((key, part));
            if (_parts.Count > MostParts)
            {
                _parts.RemoveLast();
            }
        }

        return part;
    }
}
