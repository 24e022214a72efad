namespace Sightline.Curation.Export;

/// <summary>
/// Tells for each exported pair, in order, which image it is of: the row of the dataset's first pair of the image's file, kept or not, so
/// that more pairs and other verdicts do not change it; and whether its split has not come by the image yet.
/// </summary>
internal sealed class CocoImageIds : IDisposable
{
    private const int MostInMemory = 2_000_000;

    private readonly ExternalSort<PairOfImage> _byImage;
    private readonly ExternalSort<ImageOfPair> _byRow;
    private IEnumerator<ImageOfPair>? _pairs;

    internal CocoImageIds(string work)
    {
        _byImage = new ExternalSort<PairOfImage>(work, MostInMemory);
        _byRow = new ExternalSort<ImageOfPair>(work, MostInMemory);
    }

    /// <summary>Looks at all pairs.</summary>
    internal void AddAll(ExportSource source, ExportPlan plan, CancellationToken cancellationToken)
    {
        foreach (var planned in plan.Parts)
        {
            var part = source.Dataset.ReadPart(planned.Number, PairSelection.Identity | plan.Selection.Columns, cancellationToken);
            var chosen = plan.Selection.Select(part, planned.ReadVerdicts(source.Verdicts));
            for (var i = 0; i < chosen.Length; i++)
            {
                var row = part.FirstRow + i;
                _byImage.Add(new PairOfImage(ImageIdentity.OfFile(part[i], row), row, chosen[i]));
            }
        }

        Sort();
    }

    /// <param name="row">Of an exported pair; rows come in order.</param>
    internal (long FirstRow, bool IsFirst) Next(long row)
    {
        while (_pairs!.MoveNext() && _pairs.Current.Row < row)
        {
            // It is of a split that an earlier run has completed.
        }

        return _pairs.Current.Row == row
            ? (_pairs.Current.FirstRow, _pairs.Current.IsFirst)
            : throw new ExportException($"The dataset changed while it was exported, at pair {row}: export again.");
    }

    public void Dispose()
    {
        _pairs?.Dispose();
        _byImage.Dispose();
        _byRow.Dispose();
    }

    private void Sort()
    {
        var (image, first, splits, count) = (UInt128.Zero, 0L, 0UL, 0L);
        foreach (var pair in _byImage.Sorted(CancellationToken.None))
        {
            if (count++ == 0 || pair.Image != image)
            {
                (image, first, splits) = (pair.Image, pair.Row, 0);
            }

            if (pair.Split >= 0)
            {
                var bit = 1UL << pair.Split;
                _byRow.Add(new ImageOfPair(pair.Row, first, (splits & bit) == 0));
                splits |= bit;
            }
        }

        _pairs = _byRow.Sorted(CancellationToken.None).GetEnumerator();
    }

    private readonly record struct PairOfImage(UInt128 Image, long Row, int Split) : IComparable<PairOfImage>
    {
        public int CompareTo(PairOfImage other) => Image != other.Image ? Image.CompareTo(other.Image) : Row.CompareTo(other.Row);
    }

    private readonly record struct ImageOfPair(long Row, long FirstRow, bool IsFirst) : IComparable<ImageOfPair>
    {
        public int CompareTo(ImageOfPair other) => Row.CompareTo(other.Row);
    }
}
