using System.Numerics;

namespace Sightline.Curation;

/// <summary>
/// Pairs whose images' embeddings are nearly the same, each compared with all that were kept before it: an exact scan, in which
/// <see cref="CosineBound"/> leaves few full products. An index such as HNSW would be faster beyond a million pairs, but one built on
/// several threads differs from one run to the next, and so would what is dropped. Memory: 16 bytes a pair and some 300 bytes for each that
/// is kept.
/// </summary>
/// <param name="cosine">Alike from here on.</param>
internal sealed class EmbeddingTwins(EmbeddingRows rows, float cosine, int workers)
{
    private const int Block = 2048;
    private const int Chunk = 64;

    // Panels that stay in a core's cache while a chunk is compared with them.
    private const int PanelsAtOnce = 48;

    private readonly float _least = CosineBound.For(cosine);

    /// <summary>The pairs to drop, each with its twin, which is not among them.</summary>
    internal IEnumerable<(long Row, long Twin)> Find(CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            yield break;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        var bound = CosineBound.Fit(rows, cosine, parallel);
        var order = rows.Order();
        var kept = new SketchPanels(bound.Width);
        var keptNumbers = new List<int>();
        var sketches = new float[Block * bound.Width];
        var twins = new int[Block];
        for (var start = 0; start < order.Length; start += Block)
        {
            var block = order.AsMemory(start, Math.Min(Block, order.Length - start));
            Parallel.For(0, (block.Length + Chunk - 1) / Chunk, parallel, () => new Scratch(rows.Dimensions), (chunk, _, scratch) =>
            {
                for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, block.Length); i++)
                {
                    rows.Read(block.Span[i], scratch.Vector);
                    bound.Sketch(scratch.Vector, sketches.AsSpan(i * bound.Width, bound.Width));
                }

                FindTwins(block.Span, chunk * Chunk, sketches, bound.Width, kept, keptNumbers, twins, scratch);
                return scratch;
            }, static _ => { });
            foreach (var found in KeepOfBlock(block, sketches, bound.Width, kept, keptNumbers, twins, parallel))
            {
                yield return found;
            }
        }
    }

    // For each of a chunk the first one near it that was kept before the block; -1: none.
    private void FindTwins(
        ReadOnlySpan<int> block, int first, float[] sketches, int width, SketchPanels kept, List<int> keptNumbers, int[] twins,
        Scratch scratch)
    {
        var end = Math.Min(first + Chunk, block.Length);
        Array.Fill(twins, -1, first, end - first);
        Span<float> least = stackalloc float[SketchPanels.Rows];
        for (var firstPanel = 0; firstPanel < kept.PanelCount; firstPanel += PanelsAtOnce)
        {
            var endPanel = Math.Min(firstPanel + PanelsAtOnce, kept.PanelCount);
            for (var group = first; group < end; group += SketchPanels.Rows)
            {
                for (var i = 0; i < SketchPanels.Rows; i++)
                {
                    least[i] = group + i < end && twins[group + i] < 0 ? _least : float.PositiveInfinity;
                }

                for (var panel = firstPanel; panel < endPanel; panel++)
                {
                    var above = kept.Above(panel, sketches.AsSpan(group * width, SketchPanels.Rows * width), least);
                    for (; above != 0; above &= above - 1)
                    {
                        var bit = BitOperations.TrailingZeroCount(above);
                        var i = group + (bit / SketchPanels.Columns);
                        var candidate = (panel * SketchPanels.Columns) + (bit % SketchPanels.Columns);
                        if (i < end && twins[i] < 0 && candidate < kept.Count && AreAlike(block[i], keptNumbers[candidate], scratch))
                        {
                            twins[i] = keptNumbers[candidate];
                            least[i - group] = float.PositiveInfinity;
                        }
                    }
                }
            }
        }
    }

    // What is left of the block is compared with what is left of it before, in parallel, and kept or not in order.
    private List<(long Row, long Twin)> KeepOfBlock(
        ReadOnlyMemory<int> block, float[] sketches, int width, SketchPanels kept, List<int> keptNumbers, int[] twins,
        ParallelOptions parallel)
    {
        var found = new List<(long, long)>();
        var left = new List<int>();
        for (var i = 0; i < block.Length; i++)
        {
            if (twins[i] >= 0)
            {
                found.Add((rows.Row(block.Span[i]), rows.Row(twins[i])));
            }
            else
            {
                left.Add(i);
            }
        }

        var panels = new SketchPanels(width);
        foreach (var i in left)
        {
            panels.Add(sketches.AsSpan(i * width, width));
        }

        var near = new List<int>?[left.Count];
        var groups = (left.Count + SketchPanels.Rows - 1) / SketchPanels.Rows;
        Parallel.For(0, groups, parallel, () => new Scratch(rows.Dimensions), (group, _, scratch) =>
        {
            FindNear(block.Span, left, group * SketchPanels.Rows, sketches, width, panels, near, scratch);
            return scratch;
        }, static _ => { });
        var isKept = new bool[left.Count];
        for (var i = 0; i < left.Count; i++)
        {
            var twin = near[i]?.FindIndex(n => isKept[n]) ?? -1;
            if (twin >= 0)
            {
                found.Add((rows.Row(block.Span[left[i]]), rows.Row(block.Span[left[near[i]![twin]]])));
                continue;
            }

            isKept[i] = true;
            kept.Add(sketches.AsSpan(left[i] * width, width));
            keptNumbers.Add(block.Span[left[i]]);
        }

        return found;
    }

    private void FindNear(
        ReadOnlySpan<int> block, List<int> left, int first, float[] sketches, int width, SketchPanels panels, List<int>?[] near,
        Scratch scratch)
    {
        var end = Math.Min(first + SketchPanels.Rows, left.Count);
        Span<float> least = stackalloc float[SketchPanels.Rows];
        least.Fill(float.PositiveInfinity);
        var own = new float[SketchPanels.Rows * width];
        for (var i = first; i < end; i++)
        {
            least[i - first] = _least;
            sketches.AsSpan(left[i] * width, width).CopyTo(own.AsSpan((i - first) * width));
        }

        for (var panel = 0; panel * SketchPanels.Columns < end; panel++)
        {
            for (var above = panels.Above(panel, own, least); above != 0; above &= above - 1)
            {
                var bit = BitOperations.TrailingZeroCount(above);
                var i = first + (bit / SketchPanels.Columns);
                var candidate = (panel * SketchPanels.Columns) + (bit % SketchPanels.Columns);
                if (i < end && candidate < i && AreAlike(block[left[i]], block[left[candidate]], scratch))
                {
                    (near[i] ??= []).Add(candidate);
                }
            }
        }

        for (var i = first; i < end; i++)
        {
            near[i]?.Sort();
        }
    }

    private bool AreAlike(int x, int y, Scratch scratch)
    {
        rows.Read(x, scratch.Vector);
        return rows.Cosine(y, scratch.Vector, scratch.Other) >= cosine;
    }

    private sealed class Scratch(int dimensions)
    {
        internal float[] Vector { get; } = new float[dimensions];

        internal float[] Other { get; } = new float[dimensions];
    }
}
