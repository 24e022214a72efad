namespace Sightline.Training.Data;

/// <summary>
/// Random numbers that follow from a seed and a place alone, so that any step can be drawn without those before it: SplitMix64 (Steele,
/// Lea, Flood, "Fast splittable pseudorandom number generators", 2014) over a state mixed of both.
/// </summary>
internal struct DrawSequence
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <param name="purpose">Sequences of different purposes share nothing.</param>
    /// <param name="place">Such as the number of an epoch.</param>
    internal DrawSequence(long seed, ulong purpose, long place, long second = 0)
    {
        _state = Mix((ulong)seed + Golden);
        _state = Mix(_state ^ Mix(purpose + Golden));
        _state = Mix(_state ^ Mix((ulong)place + unchecked(2 * Golden)));
        _state = Mix(_state ^ Mix((ulong)second + unchecked(3 * Golden)));
    }

    internal ulong Next()
    {
        _state += Golden;
        return Mix(_state);
    }

    /// <summary>A number from 0 to below <paramref name="count"/>; the bias is below count / 2^64.</summary>
    internal int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>0 to below 1.</summary>
    internal double Unit() => (Next() >> 11) * (1.0 / (1L << 53));

    internal double Between(double least, double most) => least + (most - least) * Unit();

    internal bool Happens(double share) => Unit() < share;

    internal void Shuffle(Span<int> numbers)
    {
        for (var i = numbers.Length - 1; i > 0; i--)
        {
            var other = Below(i + 1);
            (numbers[i], numbers[other]) = (numbers[other], numbers[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
