using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sightline.Curation;

/// <summary>
/// Finds the key above which so many keys lie, in a few readings of all keys and 512 KiB: each reading counts the keys by their next 16
/// bits. Usage: <c>do { foreach key: Count(key) } while (Narrow())</c>, then <see cref="Takes"/> for each key in order.
/// </summary>
/// <param name="take">Keys to take, at least 1 and no more than there are.</param>
internal sealed class RadixCut<T>(long take)
    where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
{
    private const int Digit = 16;

    private readonly long[] _counts = new long[1 << Digit];
    private readonly int _bits = 8 * Unsafe.SizeOf<T>();
    private T _prefix;
    private int _known;
    private long _ties = take;

    internal void Count(T key)
    {
        if (_known == 0 || key >>> (_bits - _known) == _prefix)
        {
            _counts[int.CreateTruncating(key >>> (_bits - _known - Digit)) & 0xFFFF]++;
        }
    }

    /// <summary>Takes in what was counted.</summary>
    /// <returns>True where the keys are to be counted again.</returns>
    internal bool Narrow()
    {
        var digit = _counts.Length - 1;
        while (_counts[digit] < _ties)
        {
            _ties -= _counts[digit--];
        }

        _prefix = (_known == 0 ? T.Zero : _prefix << Digit) | T.CreateTruncating(digit);
        _known += Digit;
        Array.Clear(_counts);
        return _known < _bits;
    }

    /// <summary>Whether a key is among those taken; of equal keys at the cut, those asked for first. Each key once.</summary>
    internal bool Takes(T key) => key > _prefix || (key == _prefix && _ties-- > 0);
}
