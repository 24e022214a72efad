using System.Numerics.Tensors;
using Sightline.Models;

namespace Sightline.Search;

/// <param name="Score">Cosine similarity; null without a query.</param>
/// <param name="Key">What hits are ordered by, greatest first; equal keys by id.</param>
internal readonly record struct RankedImage(ImageId Image, float? Score, double Key) : IComparable<RankedImage>
{
    public int CompareTo(RankedImage other)
    {
        var byKey = other.Key.CompareTo(Key);
        return byKey != 0 ? byKey : Image.Value.CompareTo(other.Image.Value);
    }
}

/// <summary>Orders what one query finds, up to as many hits as are asked for.</summary>
/// <param name="vector">The query; null: none, everything by date.</param>
/// <param name="words">Images whose names, captions or tags hold the query's words; null: none were looked for.</param>
internal sealed class Ranking(
    SpaceIndex index, SearchQuery query, Embedding? vector, VectorFilter allowed, ImageSet? words,
    (double Middle, double Deviation)? background)
{
    // A match by word ranks as if it scored so many deviations higher.
    private const double WordSigma = 3;

    // Without a background to measure by: more than any cosine, so matches by word come first.
    private const double WordScore = 2;

    private readonly HashSet<ImageId> _terms = [.. query.Terms.OfType<ImageTerm>().Select(t => t.Image)];

    /// <summary>The score from which on an image belongs to the hits.</summary>
    private double Least => background is { } known && (query.AboveSigma ?? (ByDate ? SearchEngine.MatchSigma : null)) is { } sigma
        ? known.Middle + sigma * known.Deviation
        : double.NegativeInfinity;

    private bool ByDate => query.Order is not SearchOrder.Relevance;

    /// <summary>The first hits in order, at least <paramref name="count"/> where there are so many.</summary>
    internal List<RankedImage> First(int count, CancellationToken cancellationToken)
    {
        if (vector is null)
        {
            return Listed(count);
        }

        if (!ByDate)
        {
            return Scored(count, cancellationToken);
        }

        var matches = Scored(SearchEngine.MostMatches, cancellationToken);
        List<RankedImage> dated = [.. matches.Select(m => m with { Key = DateKey(index.Facts.Find(m.Image)?.ShownAt ?? 0) })];
        dated.Sort();
        return dated;
    }

    private List<RankedImage> Scored(int count, CancellationToken cancellationToken)
    {
        var found = new List<RankedImage>();
        var (least, wanted) = (Least, count + _terms.Count);
        foreach (var image in index.Search(vector!, wanted, allowed, cancellationToken))
        {
            found.Add(new RankedImage(image.Image, image.Score, image.Score));
        }

        found.RemoveAll(image => image.Score < least);
        if (words is { Count: > 0 })
        {
            // Each of both lists is complete down to its end, so their union is complete for as many hits as one of them has.
            var bonus = background is { } known ? WordSigma * known.Deviation : WordScore;
            var named = allowed with { Images = allowed.Images?.And(words) ?? words };
            found.RemoveAll(image => words.Contains(image.Image.Value));
            found.AddRange(index.Search(vector!, wanted, named, cancellationToken).Select(i => new RankedImage(i.Image, i.Score, i.Score + bonus)));
            found.Sort();
        }

        found.RemoveAll(image => _terms.Contains(image.Image));
        return found.Count > count ? found[..count] : found;
    }

    private List<RankedImage> Listed(int count)
    {
        var best = new PriorityQueue<RankedImage, RankedImage>(Comparer<RankedImage>.Create((x, y) => y.CompareTo(x)));
        foreach (var (image, facts) in index.Facts.All())
        {
            var ranked = new RankedImage(image, null, DateKey(facts.ShownAt));
            if (best.Count == count && best.Peek().CompareTo(ranked) < 0)
            {
                continue;
            }

            if (allowed.Images is null || allowed.Images.Contains(image.Value))
            {
                best.Enqueue(ranked, ranked);
                if (best.Count > count)
                {
                    best.Dequeue();
                }
            }
        }

        List<RankedImage> listed = [.. best.UnorderedItems.Select(i => i.Element)];
        listed.Sort();
        return listed;
    }

    private double DateKey(long shownAt) => query.Order == SearchOrder.Oldest ? -shownAt : shownAt;
}

/// <summary>Folds hits that are nearly the same into the first of them.</summary>
internal static class Folding
{
    /// <summary>Cosine similarity from which on two pictures are called nearly the same.</summary>
    internal const float Above = 0.97f;

    // Near-duplicates score nearly alike, so they stand close together in the order.
    private const int Window = 200;

    internal static List<(RankedImage Leader, List<ImageId> Folded)> Fold(IEnumerable<RankedImage> hits, VectorIndex vectors)
    {
        var leaders = new List<(RankedImage Leader, List<ImageId> Folded)>();
        var known = new List<float[]>();
        foreach (var hit in hits)
        {
            if (vectors.Find(hit.Image) is not { } vector)
            {
                continue;
            }

            var same = -1;
            for (var i = Math.Max(0, leaders.Count - Window); i < leaders.Count && same < 0; i++)
            {
                same = TensorPrimitives.Dot<float>(vector, known[i]) >= Above ? i : -1;
            }

            if (same >= 0)
            {
                leaders[same].Folded.Add(hit.Image);
            }
            else
            {
                leaders.Add((hit, []));
                known.Add(vector);
            }
        }

        return leaders;
    }
}
