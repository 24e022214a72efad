namespace Sightline.Curation;

/// <summary>Counts how the pairs of a dataset are spread.</summary>
public static class DatasetCounter
{
    public static DatasetStatistics Count(PairDataset dataset, CancellationToken cancellationToken)
    {
        var all = new PairStatistics();
        long images = 0, measured = 0, embedded = 0, unreadable = 0;
        var gate = new Lock();
        Parallel.For(0, dataset.CountParts(), new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var part = dataset.ReadPart(number, PartColumns.Images | PartColumns.Facts | PartColumns.Measures, cancellationToken);
            var statistics = new PairStatistics();
            var withImage = 0;
            for (var i = 0; i < part.Count; i++)
            {
                statistics.Add(part[i]);
                withImage += part[i].Image.IsEmpty ? 0 : 1;
            }

            lock (gate)
            {
                all.Add(statistics);
                images += withImage;
                foreach (ref readonly var image in part.Measures)
                {
                    measured += image.Has(ImageMeasured.Pixels) ? 1 : 0;
                    embedded += image.Has(ImageMeasured.Embedding) ? 1 : 0;
                    unreadable += image.Has(ImageMeasured.Fault) ? 1 : 0;
                }
            }
        });
        return new DatasetStatistics(
            images, measured, embedded, unreadable,
            [.. all.Histograms.Where(h => h.Unknown < all.Pairs).Select(h => new FieldCounts(h.Field, h.Edges, h.Counts, h.Unknown))],
            all.Languages);
    }
}
