using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>Rows that a segment is built from: the tail's, or another segment's.</summary>
internal interface IVectorRows
{
    /// <summary>Writes the 16-bit code of a row.</summary>
    /// <returns>The length of its step.</returns>
    float ReadExact(int row, Span<short> code);

    /// <summary>The row has not been deleted.</summary>
    bool IsAlive(int row);
}

/// <param name="Source">Where the vector is.</param>
/// <param name="Row">Its row there.</param>
/// <param name="Image">The image.</param>
/// <param name="Collection">The root that the image was found under.</param>
internal readonly record struct SourceRow(IVectorRows Source, int Row, long Image, int Collection);

/// <summary>Builds a <see cref="Segment"/>: finds equal vectors, fits the codec, encodes, links and renumbers.</summary>
internal static unsafe class SegmentBuilder
{
    private const int Seed = 8_191;

    // A codec that overlooks so many times what a new one would is not worth keeping.
    private const double WorthRefitting = 2;

    // Where short codes tell fewer of the nearest vectors apart from the rest, as in tight clusters, all axes and two bytes are used.
    private const double LeastCodeRecall = 0.98;

    /// <param name="rows">At least one; no image twice.</param>
    /// <param name="known">Another segment's codec, used again where it fits these rows; fitting costs a second of a core.</param>
    /// <param name="beam">See <see cref="HnswBuilder"/>.</param>
    /// <param name="parallel">The cores to use; its token stops the build.</param>
    /// <param name="progress">Told the number of nodes linked so far; may be null.</param>
    internal static Segment Build(
        int dimensions, SourceRow[] rows, VectorCodec? known, int beam, ParallelOptions parallel, Action<int>? progress)
    {
        var (order, starts) = GroupEqual(dimensions, rows, parallel);
        var nodes = starts.Length - 1;
        var firstRows = new int[nodes];
        for (var node = 0; node < nodes; node++)
        {
            firstRows[node] = order[starts[node]];
        }

        void ReadNode(int node, Span<float> vector) => Decode(rows[firstRows[node]], vector);

        var codec = known is not null && known.MeasureLoss(nodes, ReadNode) <= WorthRefitting * VectorCodec.LostEnergy
            ? known
            : VectorCodec.Fit(dimensions, nodes, ReadNode, VectorCodec.LostEnergy, parallel);
        var biases = new NativeArray<float>(nodes);
        var image = Encode(rows, firstRows, codec, levels: 1, biases, parallel);
        if (CodeRecall.Measure(image, codec, parallel) < LeastCodeRecall)
        {
            codec = VectorCodec.Fit(dimensions, nodes, ReadNode, lostEnergy: 0, parallel);
            image = Encode(rows, firstRows, codec, levels: 2, biases, parallel);
        }

        new HnswBuilder(image.Codes, biases, beam).Build(image.Graph, parallel, progress);
        for (var row = 0; row < rows.Length; row++)
        {
            image.Images.Pointer[row] = rows[order[row]].Image;
            image.Collections.Pointer[row] = rows[order[row]].Collection;
        }

        if (image.RowStarts is { } rowStarts)
        {
            starts.CopyTo(rowStarts.Span(0, starts.Length));
        }

        return new Segment(image, new RowDeletions(rows.Length), known);
    }

    private static SegmentImage Encode(
        SourceRow[] rows, int[] firstRows, VectorCodec codec, int levels, NativeArray<float> biases, ParallelOptions parallel)
    {
        var image = new SegmentImage(new SegmentShape(codec.Dimensions, codec.Width, levels, firstRows.Length, rows.Length));
        codec.CopyTo(image);
        Parallel.For(0, firstRows.Length, parallel, () => (Vector: new float[codec.Dimensions], Projected: new float[codec.Width]),
            (node, _, scratch) =>
            {
                var exact = image.Exact.Span((long)node * codec.Dimensions, codec.Dimensions);
                var row = rows[firstRows[node]];
                image.ExactSteps.Pointer[node] = row.Source.ReadExact(row.Row, exact);
                VectorCodec.DecodeExact(exact, image.ExactSteps.Pointer[node], scratch.Vector);
                (image.Codes.Steps.Pointer[node], biases.Pointer[node]) =
                    codec.Encode(scratch.Vector, image.Codes.Code(node), scratch.Projected);
                return scratch;
            }, static _ => { });
        return image;
    }

    private static void Decode(SourceRow row, Span<float> vector)
    {
        Span<short> code = stackalloc short[vector.Length];
        VectorCodec.DecodeExact(code, row.Source.ReadExact(row.Row, code), vector);
    }

    // Rows in the order of their nodes, and each node's first place in it. Nodes are in random order, as the levels need it.
    private static (int[] Order, int[] Starts) GroupEqual(int dimensions, SourceRow[] rows, ParallelOptions parallel)
    {
        var hashes = new ulong[rows.Length];
        Parallel.For(0, rows.Length, parallel, row => hashes[row] = Hash(rows[row], dimensions));
        var order = Enumerable.Range(0, rows.Length).ToArray();
        Array.Sort(hashes, order);
        var groups = new List<(int Start, int Length)>();
        var (x, y) = (new short[dimensions], new short[dimensions]);
        for (var place = 0; place < order.Length; place++)
        {
            var isCopy = place > 0 && hashes[place] == hashes[place - 1] && AreEqual(rows[order[place]], rows[order[place - 1]], x, y);
            if (isCopy)
            {
                groups[^1] = (groups[^1].Start, groups[^1].Length + 1);
            }
            else
            {
                groups.Add((place, 1));
            }
        }

        new Random(Seed).Shuffle(CollectionsMarshal.AsSpan(groups));
        var (grouped, starts) = (new int[rows.Length], new int[groups.Count + 1]);
        for (var node = 0; node < groups.Count; node++)
        {
            Array.Copy(order, groups[node].Start, grouped, starts[node], groups[node].Length);
            starts[node + 1] = starts[node] + groups[node].Length;
        }

        return (grouped, starts);
    }

    private static bool AreEqual(SourceRow first, SourceRow second, Span<short> x, Span<short> y) =>
        first.Source.ReadExact(first.Row, x).Equals(second.Source.ReadExact(second.Row, y)) && x.SequenceEqual(y);

    // FNV-1a over 64-bit words: equal hashes are compared in full.
    private static ulong Hash(SourceRow row, int dimensions)
    {
        Span<short> code = stackalloc short[dimensions];
        ulong hash = BitConverter.SingleToUInt32Bits(row.Source.ReadExact(row.Row, code)) + 0xCBF29CE484222325;
        foreach (var component in code)
        {
            hash = (hash ^ (ushort)component) * 0x100000001B3;
        }

        return hash;
    }
}
