using static TorchSharp.torch;

namespace Sightline.Training.Steps;

/// <summary>Chance of a step: it follows from the training's seed and the step's number, and no step hands any on to the next.</summary>
internal static class StepChance
{
    /// <summary>Seeds libtorch's own generators, which operations without a generator draw from (dropout), and makes the step's.</summary>
    /// <returns>The caller disposes it.</returns>
    internal static Generator Begin(long seed, long step, Device device)
    {
        var mixed = Mix((ulong)seed, (ulong)step);
        using var common = manual_seed((long)(mixed >> 1));
        return new Generator(Mix(mixed, 1), device);
    }

    /// <summary>Two numbers to one whose every bit depends on every bit of both (SplitMix64's finaliser, Steele, Lea and Flood 2014).</summary>
    internal static ulong Mix(ulong seed, ulong number)
    {
        var z = seed * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
