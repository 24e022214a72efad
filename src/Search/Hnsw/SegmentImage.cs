using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>
/// The memory of a segment: one block with a header and aligned arrays, the same in memory and in the database, so that loading is
/// copying. Little-endian.
/// </summary>
internal sealed unsafe class SegmentImage
{
    private const ulong Magic = 0x4745_5357_534E_4853; // "SHNSWSEG"
    private const int Version = 1;
    private const int Alignment = 64;

    /// <summary>Lays out a new segment; the arrays are uninitialised.</summary>
    internal SegmentImage(SegmentShape shape)
        : this(shape, new NativeMemoryBlock(new Layout(shape).Bytes)) =>
        *(Header*)Block.Pointer = new Header { Magic = Magic, Version = Version, Bytes = Block.Bytes, Shape = shape };

    private SegmentImage(SegmentShape shape, NativeMemoryBlock block)
    {
        (Shape, Block) = (shape, block);
        var layout = new Layout(shape);
        Mean = new(block, layout.Mean, shape.Dimensions);
        Projection = new(block, layout.Projection, (long)shape.Width * shape.Dimensions);
        Codes = new WalkCodes(
            shape.Width, shape.Levels, new(block, layout.Codes, (long)shape.Nodes * shape.Width * shape.Levels),
            new(block, layout.Steps, shape.Nodes));
        var counts = HnswGraph.CountLevels(shape.Nodes);
        Graph = new HnswGraph(counts, [.. counts.Select((nodes, level) =>
            new NativeArray<int>(block, layout.Links[level], (long)nodes * HnswGraph.LinksOn(level)))]);
        Exact = new(block, layout.Exact, (long)shape.Nodes * shape.Dimensions);
        ExactSteps = new(block, layout.ExactSteps, shape.Nodes);
        RowStarts = shape.Rows == shape.Nodes ? null : new(block, layout.RowStarts, shape.Nodes + 1L);
        Images = new(block, layout.Images, shape.Rows);
        Collections = new(block, layout.Collections, shape.Rows);
    }

    internal SegmentShape Shape { get; }

    internal NativeMemoryBlock Block { get; }

    /// <summary>The origin of the walk codes.</summary>
    internal NativeArray<float> Mean { get; }

    /// <summary>Width rows of Dimensions: the axes of the walk codes.</summary>
    internal NativeArray<float> Projection { get; }

    internal WalkCodes Codes { get; }

    internal HnswGraph Graph { get; }

    /// <summary>16-bit codes, Dimensions for each node, and the length of their steps.</summary>
    internal NativeArray<short> Exact { get; }

    internal NativeArray<float> ExactSteps { get; }

    /// <summary>Rows of node n: RowStarts[n] up to RowStarts[n + 1]; null where row n is node n's only one.</summary>
    internal NativeArray<int>? RowStarts { get; }

    /// <summary>The image of each row.</summary>
    internal NativeArray<long> Images { get; }

    /// <summary>The root that each row's image was found under.</summary>
    internal NativeArray<int> Collections { get; }

    /// <summary>The shape that a block written earlier has; null where the bytes are no segment of this version.</summary>
    internal static SegmentShape? ReadShape(ReadOnlySpan<byte> start)
    {
        if (start.Length < sizeof(Header))
        {
            return null;
        }

        var header = MemoryMarshal.Read<Header>(start);
        return header.Magic == Magic && header.Version == Version && header.Shape.IsPossible
            && header.Bytes == new Layout(header.Shape).Bytes
            ? header.Shape
            : null;
    }

    /// <summary>Takes a block that holds what <see cref="Block"/> of another image held.</summary>
    internal static SegmentImage Of(SegmentShape shape, NativeMemoryBlock block) => new(shape, block);

    internal static long BytesOf(SegmentShape shape) => new Layout(shape).Bytes;

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal ulong Magic;
        internal long Bytes;
        internal int Version;
        internal SegmentShape Shape;
    }

    // Where each array starts.
    private sealed class Layout
    {
        internal Layout(SegmentShape shape)
        {
            long nodes = shape.Nodes;
            long at = Align(sizeof(Header));
            Mean = Take(ref at, sizeof(float) * (long)shape.Dimensions);
            Projection = Take(ref at, sizeof(float) * (long)shape.Width * shape.Dimensions);
            Steps = Take(ref at, sizeof(float) * nodes);
            Codes = Take(ref at, nodes * shape.Width * shape.Levels);
            var counts = HnswGraph.CountLevels(shape.Nodes);
            Links = new long[counts.Length];
            for (var level = 0; level < counts.Length; level++)
            {
                Links[level] = Take(ref at, sizeof(int) * (long)counts[level] * HnswGraph.LinksOn(level));
            }

            ExactSteps = Take(ref at, sizeof(float) * nodes);
            Exact = Take(ref at, sizeof(short) * nodes * shape.Dimensions);
            RowStarts = Take(ref at, shape.Rows == shape.Nodes ? 0 : sizeof(int) * (nodes + 1));
            Images = Take(ref at, sizeof(long) * (long)shape.Rows);
            Collections = Take(ref at, sizeof(int) * (long)shape.Rows);
            Bytes = at;
        }

        internal long Mean { get; }

        internal long Projection { get; }

        internal long Steps { get; }

        internal long Codes { get; }

        internal long[] Links { get; }

        internal long ExactSteps { get; }

        internal long Exact { get; }

        internal long RowStarts { get; }

        internal long Images { get; }

        internal long Collections { get; }

        internal long Bytes { get; }

        private static long Take(ref long at, long bytes)
        {
            var start = at;
            at = Align(at + bytes);
            return start;
        }

        private static long Align(long at) => (at + Alignment - 1) / Alignment * Alignment;
    }
}
