using System.Runtime.Intrinsics;

namespace Sightline.Curation;

/// <summary>
/// Sketches of <see cref="CosineBound"/> in panels of 16, a number of all 16 after the other, so that four others are multiplied with a
/// panel in one go. One thread adds; any may multiply, while none adds. Memory: 4 bytes a number.
/// </summary>
internal sealed unsafe class SketchPanels(int width)
{
    /// <summary>Sketches of a panel.</summary>
    internal const int Columns = 16;

    /// <summary>Sketches that are multiplied with a panel at once.</summary>
    internal const int Rows = 4;

    private readonly List<float[]> _panels = [];

    internal int Count { get; private set; }

    /// <summary>Panels; the last may have empty columns, whose products are 0.</summary>
    internal int PanelCount => _panels.Count;

    internal void Add(ReadOnlySpan<float> sketch)
    {
        var column = Count % Columns;
        if (column == 0)
        {
            _panels.Add(new float[width * Columns]);
        }

        var panel = _panels[^1];
        for (var i = 0; i < width; i++)
        {
            panel[(i * Columns) + column] = sketch[i];
        }

        Count++;
    }

    /// <summary>Compares four sketches with a panel.</summary>
    /// <param name="sketches">Four, one after the other.</param>
    /// <param name="least">For each of the four, the product that is looked for.</param>
    /// <returns>A bit for each product of so much, 16 bits for each of the four.</returns>
    internal ulong Above(int panel, ReadOnlySpan<float> sketches, ReadOnlySpan<float> least)
    {
        fixed (float* columns = _panels[panel])
        fixed (float* rows = sketches)
        {
            var (a0, a1, b0, b1) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var (c0, c1, d0, d1) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var column = columns;
            for (var i = 0; i < width; i++, column += Columns)
            {
                var (left, right) = (Vector256.Load(column), Vector256.Load(column + 8));
                var row = Vector256.Create(rows[i]);
                a0 = Vector256.MultiplyAddEstimate(row, left, a0);
                a1 = Vector256.MultiplyAddEstimate(row, right, a1);
                row = Vector256.Create(rows[i + width]);
                b0 = Vector256.MultiplyAddEstimate(row, left, b0);
                b1 = Vector256.MultiplyAddEstimate(row, right, b1);
                row = Vector256.Create(rows[i + (2 * width)]);
                c0 = Vector256.MultiplyAddEstimate(row, left, c0);
                c1 = Vector256.MultiplyAddEstimate(row, right, c1);
                row = Vector256.Create(rows[i + (3 * width)]);
                d0 = Vector256.MultiplyAddEstimate(row, left, d0);
                d1 = Vector256.MultiplyAddEstimate(row, right, d1);
            }

            return Mask(a0, a1, least[0]) | (Mask(b0, b1, least[1]) << 16)
                | (Mask(c0, c1, least[2]) << 32) | (Mask(d0, d1, least[3]) << 48);
        }
    }

    private static ulong Mask(Vector256<float> left, Vector256<float> right, float least)
    {
        var threshold = Vector256.Create(least);
        return Vector256.GreaterThanOrEqual(left, threshold).ExtractMostSignificantBits()
            | (Vector256.GreaterThanOrEqual(right, threshold).ExtractMostSignificantBits() << 8);
    }
}
