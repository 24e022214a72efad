using System.Collections.Concurrent;

namespace Sightline.Search;

/// <summary>Names that many images share, each by a number from 0. Thread-safe.</summary>
internal sealed class NameTable
{
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Lock _writer = new();
    private volatile string[] _names = [];

    internal IReadOnlyList<string> Names => _names;

    internal int NumberOf(string name)
    {
        if (_numbers.TryGetValue(name, out var known))
        {
            return known;
        }

        lock (_writer)
        {
            if (!_numbers.TryGetValue(name, out known))
            {
                known = _names.Length;
                _names = [.. _names, name];
                _numbers[name] = known;
            }

            return known;
        }
    }

    /// <summary>For each number, whether its name passes; numbers given later are none of them.</summary>
    internal bool[] Where(Func<string, bool> test) => [.. _names.Select(test)];
}
