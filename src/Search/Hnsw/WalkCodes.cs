namespace Sightline.Search;

/// <summary>The walk codes of a segment's nodes.</summary>
/// <param name="width">Components of a code.</param>
/// <param name="levels">Bytes of a component; a code is the first bytes of all components, then the second ones.</param>
/// <param name="codes">One after the other.</param>
/// <param name="steps">The length of each code's step.</param>
internal sealed class WalkCodes(int width, int levels, NativeArray<byte> codes, NativeArray<float> steps)
{
    internal int Nodes => (int)Steps.Length;

    internal int Width { get; } = width;

    internal int Levels { get; } = levels;

    internal int Bytes => Width * Levels;

    internal NativeArray<byte> Codes { get; } = codes;

    internal NativeArray<float> Steps { get; } = steps;

    internal Span<byte> Code(int node) => Codes.Span((long)node * Bytes, Bytes);
}
