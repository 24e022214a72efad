namespace Sightline.Curation;

/// <summary>Keeps the samples of the datasets that were asked for last: whoever moves a slider asks again and again. Thread-safe.</summary>
public sealed class DatasetSamples
{
    private const int MostSamples = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<((string Folder, DateTime Written) Key, Task<DatasetSample> Reading)> _samples = new();

    /// <summary>The sample of a dataset as it is now. It is read once, for all who ask for it meanwhile, also where one of them leaves; nobody
    /// waits for that of another dataset.</summary>
    public Task<DatasetSample> FindAsync(PairDataset dataset, CancellationToken cancellationToken)
    {
        var key = (dataset.Folder, dataset.WrittenAt(dataset.CountParts() - 1));
        return Find(key, dataset).WaitAsync(cancellationToken);
    }

    private Task<DatasetSample> Find((string Folder, DateTime Written) key, PairDataset dataset)
    {
        lock (_gate)
        {
            for (var node = _samples.First; node is not null; node = node.Next)
            {
                if (node.Value.Key.Folder == key.Folder)
                {
                    _samples.Remove(node);
                    if (node.Value.Key == key && !node.Value.Reading.IsFaulted)
                    {
                        _samples.AddFirst(node);
                        return node.Value.Reading;
                    }

                    break;
                }
            }

            var reading = Task.Run(() => DatasetSample.Read(dataset, CancellationToken.None));
            _samples.AddFirst((key, reading));
            if (_samples.Count > MostSamples)
            {
                _samples.RemoveLast();
            }

            return reading;
        }
    }
}
