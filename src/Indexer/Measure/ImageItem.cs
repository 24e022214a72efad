using Sightline.Curation;

namespace Sightline.Indexer.Measure;

/// <summary>Pairs of a part, one after the other, that have the same image: it is decoded once.</summary>
/// <param name="First">Of the pairs, in the part.</param>
internal readonly record struct ImageItem(int First, int Count, ImageLocation Location)
{
    /// <summary>The images of a part of which something asked for is not known.</summary>
    /// <param name="isDone">Whether all is known of the pair with this number.</param>
    /// <param name="passed">Told how many pairs need nothing, and whether because they have no image.</param>
    internal static List<ImageItem> Collect(PairPart part, Func<int, bool> isDone, Action<string, long> passed)
    {
        var items = new List<ImageItem>();
        var images = part.Source.Images;
        for (int first = 0, end; first < part.Count; first = end)
        {
            var text = images[first];
            var done = isDone(first);
            for (end = first + 1; end < part.Count && images[end].SequenceEqual(text); end++)
            {
                done &= isDone(end);
            }

            if (!ImageLocation.TryParse(text, out var location))
            {
                passed("no_image", end - first);
            }
            else if (done)
            {
                passed("unchanged", end - first);
            }
            else
            {
                items.Add(new ImageItem(first, end - first, location));
            }
        }

        return items;
    }
}
