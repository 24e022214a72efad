using System.Numerics;
using System.Numerics.Tensors;

namespace Sightline.Curation;

/// <summary>
/// Spherical k-means (Dhillon and Modha 2001): clusters of rows by cosine, seeded by k-means++ (Arthur and Vassilvitskii 2007), at most ten
/// rounds. Each round compares every row with every centre by sketches, and by full product where a sketch does not rule out that the
/// centre is nearer. Memory: 24 bytes a pair, and 4 bytes a number for each centre and its sketch.
/// </summary>
internal sealed class KMeans
{
    private const int Rounds = 10;
    private const int Chunk = 256;

    private readonly SketchedRows _sketched;
    private readonly ParallelOptions _parallel;
    private readonly float[][] _centres;
    private readonly int[] _clusters;
    private readonly float[] _cosines;

    private KMeans(SketchedRows sketched, float[][] centres, int[] clusters, ParallelOptions parallel)
    {
        (_sketched, _centres, _clusters, _parallel) = (sketched, centres, clusters, parallel);
        _cosines = new float[clusters.Length];
    }

    /// <summary>The row nearest to each cluster's centre, and where a cluster has none, the row farthest from its own.</summary>
    /// <param name="count">Clusters, at least 1 and no more than rows.</param>
    /// <returns>For each row the number of the one that stands for its cluster; for so many rows, their own.</returns>
    internal static int[] Choose(SketchedRows sketched, int count, int seed, ParallelOptions parallel)
    {
        var rows = sketched.Rows;
        var seeds = new ChosenRows(sketched, parallel);
        seeds.Choose((int)(SeededHash.Of(seed, 0) % (ulong)rows.Count));
        while (seeds.Chosen.Count < count)
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            var drawn = seeds.Draw(SeededHash.Unit(SeededHash.Of(seed, seeds.Chosen.Count)));
            seeds.Choose(drawn >= 0 ? drawn : seeds.Farthest());
        }

        var centres = new float[count][];
        for (var i = 0; i < count; i++)
        {
            centres[i] = new float[rows.Dimensions];
            rows.Read(seeds.Chosen[i], centres[i]);
        }

        var clusters = new int[rows.Count];
        for (var i = 0; i < clusters.Length; i++)
        {
            clusters[i] = seeds.NearestOf(i);
        }

        var means = new KMeans(sketched, centres, clusters, parallel);
        for (var round = 0; round < Rounds; round++)
        {
            means.MoveCentres();
            if (!means.Assign())
            {
                break;
            }
        }

        return means.Nearest();
    }

    // The mean of each cluster's rows, in the order of rows, on the sphere; a cluster without rows stays where it was.
    private void MoveCentres()
    {
        var (starts, members) = Members();
        Parallel.For(0, _centres.Length, _parallel, () => new float[_sketched.Rows.Dimensions], (cluster, _, vector) =>
        {
            if (starts[cluster] == starts[cluster + 1])
            {
                return vector;
            }

            var centre = _centres[cluster];
            Array.Clear(centre);
            for (var i = starts[cluster]; i < starts[cluster + 1]; i++)
            {
                _sketched.Rows.Read(members[i], vector);
                TensorPrimitives.Add(centre, vector, centre);
            }

            var norm = TensorPrimitives.Norm<float>(centre);
            if (norm > 0)
            {
                TensorPrimitives.Divide(centre, norm, centre);
            }

            return vector;
        }, static _ => { });
    }

    // Each row to its nearest centre; of equals, the one it has, or else the first.
    private bool Assign()
    {
        var width = _sketched.Bound.Width;
        var panels = new SketchPanels(width);
        var sketch = new float[width];
        foreach (var centre in _centres)
        {
            _sketched.Bound.Sketch(centre, sketch);
            panels.Add(sketch);
        }

        var changed = 0;
        var chunks = (_clusters.Length + Chunk - 1) / Chunk;
        Parallel.For(0, chunks, _parallel, () => new Scratch(_sketched.Rows.Dimensions, width), (chunk, _, scratch) =>
        {
            var end = Math.Min((chunk + 1) * Chunk, _clusters.Length);
            for (var group = chunk * Chunk; group < end; group += SketchPanels.Rows)
            {
                var some = AssignGroup(group, Math.Min(group + SketchPanels.Rows, end), panels, scratch);
                if (some > 0)
                {
                    Interlocked.Add(ref changed, some);
                }
            }

            return scratch;
        }, static _ => { });
        return changed > 0;
    }

    private int AssignGroup(int first, int end, SketchPanels panels, Scratch scratch)
    {
        var width = _sketched.Bound.Width;
        Span<float> least = stackalloc float[SketchPanels.Rows];
        Span<int> before = stackalloc int[SketchPanels.Rows];
        least.Fill(float.PositiveInfinity);
        for (var i = first; i < end; i++)
        {
            _sketched[i].CopyTo(scratch.Sketches.AsSpan((i - first) * width));
            _sketched.Rows.Read(i, scratch.Vectors[i - first]);
            before[i - first] = _clusters[i];
            _cosines[i] = TensorPrimitives.Dot<float>(_centres[_clusters[i]], scratch.Vectors[i - first]);
            least[i - first] = CosineBound.For(_cosines[i]);
        }

        for (var panel = 0; panel < panels.PanelCount; panel++)
        {
            for (var above = panels.Above(panel, scratch.Sketches, least); above != 0; above &= above - 1)
            {
                var bit = BitOperations.TrailingZeroCount(above);
                var i = first + (bit / SketchPanels.Columns);
                var cluster = (panel * SketchPanels.Columns) + (bit % SketchPanels.Columns);
                if (i >= end || cluster >= panels.Count)
                {
                    continue;
                }

                var cosine = TensorPrimitives.Dot<float>(_centres[cluster], scratch.Vectors[i - first]);
                if (cosine > _cosines[i])
                {
                    (_cosines[i], _clusters[i], least[i - first]) = (cosine, cluster, CosineBound.For(cosine));
                }
            }
        }

        var changed = 0;
        for (var i = first; i < end; i++)
        {
            changed += _clusters[i] != before[i - first] ? 1 : 0;
        }

        return changed;
    }

    private int[] Nearest()
    {
        var chosen = new int[_centres.Length];
        Array.Fill(chosen, -1);
        for (var i = 0; i < _clusters.Length; i++)
        {
            ref var best = ref chosen[_clusters[i]];
            best = best < 0 || _cosines[i] > _cosines[best] ? i : best;
        }

        var missing = chosen.Count(c => c < 0);
        if (missing > 0)
        {
            var taken = chosen.ToHashSet();
            var others = Enumerable.Range(0, _clusters.Length).Where(i => !taken.Contains(i));
            var farthest = new Queue<int>(others.OrderBy(i => _cosines[i]).Take(missing));
            for (var cluster = 0; cluster < chosen.Length; cluster++)
            {
                if (chosen[cluster] < 0)
                {
                    chosen[cluster] = farthest.Dequeue();
                    _clusters[chosen[cluster]] = cluster;
                }
            }
        }

        return Array.ConvertAll(_clusters, cluster => chosen[cluster]);
    }

    private (int[] Starts, int[] Members) Members()
    {
        var starts = new int[_centres.Length + 1];
        foreach (var cluster in _clusters)
        {
            starts[cluster + 1]++;
        }

        for (var i = 0; i < _centres.Length; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts.AsSpan(..^1).ToArray();
        var members = new int[_clusters.Length];
        for (var i = 0; i < _clusters.Length; i++)
        {
            members[next[_clusters[i]]++] = i;
        }

        return (starts, members);
    }

    private sealed class Scratch(int dimensions, int width)
    {
        internal float[] Sketches { get; } = new float[SketchPanels.Rows * width];

        internal float[][] Vectors { get; } = [.. Enumerable.Range(0, SketchPanels.Rows).Select(_ => new float[dimensions])];
    }
}
