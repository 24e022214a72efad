namespace Sightline.Training.Data;

/// <summary>
/// Says which picture, and which of its captions, comes at which place of the endless row of pictures that steps are cut from. It follows
/// from the seed and the place. An epoch is as many places as there are pictures; each source has its share of them and goes through its
/// own pictures in an order that is new each time it comes to their end, so without weights an epoch has every picture once. For one
/// thread.
/// </summary>
internal sealed class BatchOrder
{
    private const ulong OfSources = 1;
    private const ulong OfEpochs = 2;
    private const ulong OfCaptions = 3;

    private readonly ITrainingData _data;
    private readonly long _seed;
    private readonly int[][] _pictures;
    private readonly int[] _quotas;
    private (long Epoch, int[] Order) _last = (-1, []);

    /// <param name="weights">Of the sources, by their number; null: by the count of their pictures.</param>
    /// <param name="isCaptionedOnly">Pictures without a caption are passed over.</param>
    /// <exception cref="TrainingDataException">No picture is left, or a source with a weight has none.</exception>
    internal BatchOrder(ITrainingData data, IReadOnlyList<double?> weights, bool isCaptionedOnly, long seed)
    {
        (_data, _seed) = (data, seed);
        var pictures = new List<int>[weights.Count];
        for (var i = 0; i < pictures.Length; i++)
        {
            pictures[i] = [];
        }

        for (var i = 0; i < data.Count; i++)
        {
            var sample = data[i];
            if (!isCaptionedOnly || sample.Captions.Count > 0)
            {
                pictures[sample.Source].Add(i);
            }
        }

        _pictures = [.. pictures.Select(p => p.ToArray())];
        if (Array.FindIndex(_pictures, p => p.Length == 0) is >= 0 and var empty)
        {
            throw new TrainingDataException($"Source {empty} of the data has no pictures{(isCaptionedOnly ? " with captions" : "")}.");
        }

        Length = _pictures.Sum(p => p.Length);
        _quotas = Quotas(weights);
    }

    /// <summary>Places of an epoch.</summary>
    internal int Length { get; }

    /// <summary>The picture at a place, from 0 on.</summary>
    internal int PictureAt(long place)
    {
        var (epoch, at) = Math.DivRem(place, Length);
        if (_last.Epoch != epoch)
        {
            _last = (epoch, OrderOf(epoch));
        }

        return _last.Order[at];
    }

    /// <summary>First one of the picture's languages, each as likely as the others, then one of its captions in it; empty where it has
    /// none.</summary>
    internal static string CaptionAt(IReadOnlyList<TrainingCaption> captions, long seed, long place)
    {
        if (captions.Count < 2)
        {
            return captions.Count == 0 ? "" : captions[0].Text;
        }

        var draw = new DrawSequence(seed, OfCaptions, place);
        var languages = captions.Select(c => c.Language).Distinct(StringComparer.Ordinal).ToArray();
        var language = languages[draw.Below(languages.Length)];
        var choices = captions.Where(c => c.Language == language).ToArray();
        return choices[draw.Below(choices.Length)].Text;
    }

    internal string CaptionAt(int picture, long place) => CaptionAt(_data[picture].Captions, _seed, place);

    /// <summary>Largest remainders, and at least one place for each source.</summary>
    private int[] Quotas(IReadOnlyList<double?> weights)
    {
        var shares = _pictures.Select((p, i) => weights[i] ?? p.Length).ToArray();
        var exact = shares.Select(s => s / shares.Sum() * Length).ToArray();
        var quotas = exact.Select(e => Math.Max(1, (int)e)).ToArray();
        foreach (var i in Enumerable.Range(0, quotas.Length).OrderByDescending(i => exact[i] - quotas[i]))
        {
            quotas[i] += quotas.Sum() < Length ? 1 : 0;
        }

        for (; quotas.Sum() > Length;)
        {
            quotas[Array.IndexOf(quotas, quotas.Max())]--;
        }

        return quotas;
    }

    private int[] OrderOf(long epoch)
    {
        var order = new int[Length];
        var at = 0;
        for (var source = 0; source < _quotas.Length; source++)
        {
            var pictures = _pictures[source];
            var first = epoch * _quotas[source];
            for (var i = first; i < first + _quotas[source];)
            {
                var (turn, from) = Math.DivRem(i, pictures.Length);
                var count = (int)Math.Min(pictures.Length - from, first + _quotas[source] - i);
                Shuffled(source, turn).AsSpan((int)from, count).CopyTo(order.AsSpan(at));
                (at, i) = (at + count, i + count);
            }
        }

        new DrawSequence(_seed, OfEpochs, epoch).Shuffle(order);
        return order;
    }

    private int[] Shuffled(int source, long turn)
    {
        var pictures = (int[])_pictures[source].Clone();
        new DrawSequence(_seed, OfSources, source, turn).Shuffle(pictures);
        return pictures;
    }
}
