using System.Globalization;

namespace Sightline.Curation.Export;

/// <summary>A sum by which two sets of rows are told apart, in whatever order they come: a row that is lost or doubled
/// changes it.</summary>
internal struct RowSum
{
    private UInt128 _sum;

    internal long Count { get; private set; }

    internal void Add(long row)
    {
        Count++;
        _sum += new UInt128(Mix((ulong)row), Mix(~(ulong)row));
    }

    internal void Add(RowSum other)
    {
        Count += other.Count;
        _sum += other._sum;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override readonly string ToString() => _sum.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>SplitMix64's mixing of all bits with all (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
