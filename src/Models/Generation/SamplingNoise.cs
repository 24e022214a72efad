namespace Sightline.Models.Generation;

/// <summary>
/// The uniform numbers behind a picture: a function of seed, candidate and position, so that a candidate does not depend on how many are
/// sampled with it, nor a position on how many before it were given. SplitMix64's output function over a counter (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014).
/// </summary>
internal static class SamplingNoise
{
    private const ulong Increment = 0x9e3779b97f4a7c15;

    /// <returns>In [0, 1), a multiple of 2^-52: times any sum, it stays below that sum.</returns>
    internal static double Uniform(long seed, int candidate, int position)
    {
        var stream = Mix(Mix((ulong)seed + Increment) + (ulong)candidate * Increment);
        return (Mix(stream + ((ulong)position + 1) * Increment) >> 12) * (1.0 / (1UL << 52));
    }

    private static ulong Mix(ulong state)
    {
        state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
        state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
        return state ^ (state >> 31);
    }
}
