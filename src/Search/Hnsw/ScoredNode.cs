namespace Sightline.Search;

/// <summary>A node and its score in 64 bits that sort by score: the score above, the node below, and one bit for a mark.</summary>
internal static class ScoredNode
{
    internal const ulong Mark = 1;

    internal static ulong Key(int node, float score)
    {
        // Unsigned integers in the order of the floats.
        var bits = BitConverter.SingleToInt32Bits(score);
        return (ulong)(uint)(bits ^ (bits >> 31 | int.MinValue)) << 32 | (uint)node << 1;
    }

    internal static int Node(ulong key) => (int)((uint)key >> 1);

    internal static float Score(ulong key)
    {
        var ordered = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~ordered >> 31 | int.MinValue));
    }
}
