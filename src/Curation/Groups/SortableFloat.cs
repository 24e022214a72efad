namespace Sightline.Curation;

internal static class SortableFloat
{
    /// <summary>Bits that compare as the numbers do; equal for the two zeros. Not for NaN.</summary>
    internal static uint Of(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
