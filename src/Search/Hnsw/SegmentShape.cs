using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <param name="Dimensions">Components of a vector.</param>
/// <param name="Width">Components of a walk code.</param>
/// <param name="Levels">Bytes of a walk code's component, 1 or 2: the second holds what the first rounds away.</param>
/// <param name="Nodes">Distinct vectors.</param>
/// <param name="Rows">Images, at least as many.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SegmentShape(int Dimensions, int Width, int Levels, int Nodes, int Rows)
{
    /// <summary>The numbers could be a segment's; read from outside they may be anything.</summary>
    internal bool IsPossible =>
        Dimensions is > 0 and <= 65_536 && Width is > 0 and <= 131_072 && Width % Kernels.Block == 0
        && Levels is (1 or 2) && Nodes > 0 && Rows >= Nodes;
}
