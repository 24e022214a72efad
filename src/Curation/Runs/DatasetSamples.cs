namespace Sightline.Curation;

/// <summary>Keeps the sample of the dataset that was asked for last: whoever moves a slider asks again and again. Thread-safe.</summary>
public sealed class DatasetSamples
{
    private readonly Lock _gate = new();
    private (string Folder, DateTime Written, DatasetSample Sample)? _last;

    /// <summary>Reads the sample, a second or two for the largest, unless it is the last one and the dataset has not changed.</summary>
    public DatasetSample Find(PairDataset dataset, CancellationToken cancellationToken)
    {
        // One reads, others wait for it rather than read the same.
        lock (_gate)
        {
            var written = dataset.WrittenAt(dataset.CountParts() - 1);
            if (_last is not { } last || last.Folder != dataset.Folder || last.Written != written)
            {
                last = (dataset.Folder, written, DatasetSample.Read(dataset, cancellationToken));
                _last = last;
            }

            return last.Sample;
        }
    }
}
