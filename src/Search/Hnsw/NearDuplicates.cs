using Sightline.Models;

namespace Sightline.Search;

/// <summary>
/// Groups of images that a chain of similarities above a threshold joins. Each image is looked for once, so a million take as long as a
/// million searches; a group is given as soon as it is whole.
/// </summary>
/// <param name="above">The least similarity of neighbours in a group, -1 to 1.</param>
internal sealed class NearDuplicates(VectorIndex index, float above)
{
    private const int Batch = 512;
    private const int FewHits = 16;
    private const int Beam = 64;

    /// <param name="progress">Told how many images have been looked at, of how many; may be null.</param>
    /// <returns>Groups of at least two, each with its images in the order of their ids; images that leave the index meanwhile are
    /// left out.</returns>
    internal IEnumerable<ImageId[]> Find(Action<int, int>? progress, CancellationToken cancellationToken)
    {
        var images = index.Images();
        var seen = new HashSet<ImageId>();
        for (var start = 0; start < images.Length; start += Batch)
        {
            var batch = images.AsSpan(start, Math.Min(Batch, images.Length - start)).ToArray();
            var neighbours = Neighbours([.. batch.Where(image => !seen.Contains(image))], cancellationToken);
            foreach (var (image, near) in neighbours)
            {
                if (near.Length > 0 && seen.Add(image))
                {
                    yield return Grow(image, near, seen, cancellationToken);
                }
            }

            progress?.Invoke(start + batch.Length, images.Length);
        }
    }

    // Everything that can be reached: one ring of neighbours after the other.
    private ImageId[] Grow(ImageId first, ImageId[] near, HashSet<ImageId> seen, CancellationToken cancellationToken)
    {
        var group = new List<ImageId> { first };
        for (var ring = near.Where(seen.Add).ToArray(); ring.Length > 0;)
        {
            group.AddRange(ring);
            ring = [.. Neighbours(ring, cancellationToken).SelectMany(found => found.Near).Where(seen.Add)];
        }

        return [.. group.OrderBy(image => image.Value)];
    }

    private (ImageId Image, ImageId[] Near)[] Neighbours(ImageId[] images, CancellationToken cancellationToken)
    {
        var found = new (ImageId, ImageId[])[images.Length];
        Parallel.For(0, images.Length, Cores.Options(cancellationToken), i =>
            found[i] = (images[i], Neighbours(images[i], cancellationToken)));
        return found;
    }

    private ImageId[] Neighbours(ImageId image, CancellationToken cancellationToken)
    {
        if (index.Find(image) is not { } vector)
        {
            return [];
        }

        var filter = VectorFilter.None with { Except = image };
        for (var count = FewHits; ; count *= 4)
        {
            var hits = index.Search(vector, count, filter, Beam, cancellationToken);
            if (hits.Length < count || hits[^1].Score < above)
            {
                return [.. hits.TakeWhile(hit => hit.Score >= above).Select(hit => hit.Image)];
            }
        }
    }
}
