using Sightline.Curation;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Indexer.Measure;

/// <summary>
/// Measures the images of a dataset, part by part. What is known already is passed over, and what is found is stored every so often, so that
/// a run that is killed is simply run again. Images that could not be read are tried again by each run.
/// </summary>
/// <param name="catalog">Its embeddings of the same files are taken over; null: none are.</param>
internal sealed class DatasetMeasurer(IEmbedder embedder, DeviceQueue device, TimeProvider time, Catalog? catalog = null)
{
    // Images between two looks at the clock; the stages run dry in between.
    private const int Slice = 4_096;

    private static readonly TimeSpan StoreEvery = TimeSpan.FromMinutes(2);

    /// <param name="text">Judges how much an image is text; null: no model is used at all.</param>
    /// <exception cref="Models.Weights.ModelFormatException">Captions are to be embedded, and the model has no vocabulary.</exception>
    /// <exception cref="IOException">A file of the dataset cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">A file of the dataset is damaged.</exception>
    internal async Task<MeasureReport> RunAsync(
        PairDataset dataset, TextLikeness? text, WorkCounters counters, CancellationToken cancellationToken)
    {
        var parts = dataset.CountParts();
        counters.Begin(dataset.CountPairs());
        var faults = new List<MeasuredFault>();
        for (var number = 0; number < parts; number++)
        {
            await RunPartAsync(dataset, number, text, counters, faults, cancellationToken);
        }

        var report = new MeasureReport(counters.Outcomes, faults);
        report.Write(dataset.Folder);
        return report;
    }

    private async Task RunPartAsync(
        PairDataset dataset, int number, TextLikeness? text, WorkCounters counters, List<MeasuredFault> faults, CancellationToken cancellationToken)
    {
        var columns = PartColumns.Keys | PartColumns.Images | PartColumns.Measures | (text is null ? PartColumns.None : PartColumns.Captions);
        var part = dataset.ReadPart(number, columns, cancellationToken);
        var measured = new MeasuredPart(part, text is null ? null : embedder.Space, text is null ? null : ReadEmbeddings(dataset, number, cancellationToken));
        if (measured.IsOfAnotherSpace)
        {
            // Embeddings are written before measures: a kill between the two must not leave numbers of the old space beside the new ones.
            dataset.WriteMeasures(number, measured.Measures, embeddings: null);
        }

        var items = ImageItem.Collect(part, measured.IsDone, counters.Pass);
        var stored = time.GetTimestamp();
        for (var first = 0; first < items.Count; first += Slice)
        {
            var slice = items[first..Math.Min(items.Count, first + Slice)];
            var found = await new PartPipeline(embedder, device, measured, text, counters, catalog).RunAsync(slice, cancellationToken);
            faults.AddRange(found.OrderBy(f => f.Row).Take(MeasureReport.MostFaults - faults.Count));
            if (first + Slice >= items.Count || time.GetElapsedTime(stored) > StoreEvery)
            {
                dataset.WriteMeasures(number, measured.Measures, measured.Embeddings);
                stored = time.GetTimestamp();
            }
        }
    }

    private static PartEmbeddings? ReadEmbeddings(PairDataset dataset, int number, CancellationToken cancellationToken)
    {
        try
        {
            return dataset.ReadPart(number, PartColumns.Embeddings, cancellationToken).Embeddings;
        }
        catch (InvalidDataException)
        {
            // What is damaged is made anew; the part's pairs were read before and are not.
            return null;
        }
    }
}
