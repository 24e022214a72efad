namespace Sightline.Curation;

/// <summary>Chance that is the same for the same seed and row, whatever else is in the dataset and in whatever order it is read.</summary>
internal static class SeededHash
{
    /// <summary>64 bits by SplitMix64 (Steele et al. 2014).</summary>
    internal static ulong Of(int seed, long row, ulong salt = 0) => Mix(Mix((ulong)row ^ Mix((uint)seed)) ^ salt);

    internal static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>In [0, 1).</summary>
    internal static double Unit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));
}
