namespace Sightline.Curation.Export;

/// <summary>
/// Tells for each exported pair, in order, which image it is of: the row of the dataset's first pair of the image's file, kept or not, so
/// that more pairs and other verdicts do not change it; and whether its split has not come by the image yet.
/// </summary>
internal sealed class CocoImages : IDisposable
{
    private const int MostInMemory = 2_000_000;

    private readonly ExternalSort<PairOfImage> _byImage;
    private readonly ExternalSort<ImageOfPair> _byRow;
    private IEnumerator<ImageOfPair>? _pairs;

    internal CocoImages(string work)
    {
        _byImage = new ExternalSort<PairOfImage>(work, MostInMemory);
        _byRow = new ExternalSort<ImageOfPair>(work, MostInMemory);
    }

    /// <param name="split">Less than 0 for a pair that is not exported.</param>
    internal void Add(UInt128 image, long row, int split) => _byImage.Add(new PairOfImage(image, row, split));

    /// <summary>After the last pair.</summary>
    internal void Sort()
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

    /// <summary>Of the next exported pair.</summary>
    internal (long FirstRow, bool IsFirst) Next(long row)
    {
        if (!_pairs!.MoveNext() || _pairs.Current.Row != row)
        {
            throw new ExportException($"The dataset changed while it was exported, at pair {row}: export again.");
        }

        return (_pairs.Current.FirstRow, _pairs.Current.IsFirst);
    }

    public void Dispose()
    {
        _pairs?.Dispose();
        _byImage.Dispose();
        _byRow.Dispose();
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
