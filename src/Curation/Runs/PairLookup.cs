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
    /// <param name="part">Of pairs that were picked out.</param>
    internal static PairRecord Of(PairPart part, int index, long row)
    {
        var source = part.Source;
        var pair = part[index];
        return new PairRecord(
            row, source.Keys.Text(index), source.Captions.Text(index), source.Images.Text(index), source.Urls.Text(index),
            source.Sha256s.Text(index), source.Extras.Text(index), pair.Width, pair.Height, pair.Similarity, pair.Facts, pair.Measures);
    }
}

/// <summary>Finds single pairs: reads the pages that they are in and nothing else, and keeps some of the pairs last looked at, since their
/// pictures are asked for next. Thread-safe.</summary>
public sealed class PairLookup
{
    // Of each of two halves, some kilobytes each.
    private const int MostPairs = 2_000;

    private readonly Lock _gate = new();
    private Dictionary<(string Folder, long Row, DateTime Written), PairRecord> _young = [];
    private Dictionary<(string Folder, long Row, DateTime Written), PairRecord> _old = [];

    /// <summary>The pairs of these rows, in their order; rows that the dataset does not have are left out.</summary>
    public IReadOnlyList<PairRecord> Find(PairDataset dataset, IEnumerable<long> rows, CancellationToken cancellationToken)
    {
        long[] wanted = [.. rows];
        var parts = dataset.CountParts();
        var found = new Dictionary<long, PairRecord>();
        foreach (var ofPart in wanted.Where(r => r >= 0 && r / PairDataset.PartRows < parts).Distinct().GroupBy(r => (int)(r / PairDataset.PartRows)))
        {
            Find(dataset, ofPart.Key, [.. ofPart.Order()], found, cancellationToken);
        }

        return [.. wanted.Where(found.ContainsKey).Select(r => found[r])];
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

    private void Find(
        PairDataset dataset, int part, IReadOnlyList<long> rows, Dictionary<long, PairRecord> found, CancellationToken cancellationToken)
    {
        var written = dataset.WrittenAt(part);
        var (first, count) = ((long)part * PairDataset.PartRows, dataset.CountRows(part));
        var missing = new List<int>();
        lock (_gate)
        {
            foreach (var row in rows.Where(r => r - first < count))
            {
                if (_young.TryGetValue((dataset.Folder, row, written), out var known) || _old.TryGetValue((dataset.Folder, row, written), out known))
                {
                    found[row] = known;
                }
                else
                {
                    missing.Add((int)(row - first));
                }
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        var read = dataset.ReadRows(part, missing, cancellationToken);
        lock (_gate)
        {
            for (var i = 0; i < missing.Count; i++)
            {
                var pair = PairRecord.Of(read, i, first + missing[i]);
                found[pair.Row] = _young[(dataset.Folder, pair.Row, written)] = pair;
            }

            if (_young.Count > MostPairs)
            {
                (_old, _young) = (_young, []);
            }
        }
    }
}
