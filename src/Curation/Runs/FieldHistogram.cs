using System.Diagnostics;

namespace Sightline.Curation;

/// <summary>How a field's values are spread: pairs in bins of equal width on a linear or logarithmic scale, the outer ones open.</summary>
public sealed class FieldHistogram
{
    // Bins of whole numbers from 0 up, and of shares by a half's bits: most values are among them.
    private static readonly byte[][] WholeBins = [.. Enum.GetValues<PairField>().Select(f => ReadBins(f, 1 << 13, value => value))];
    private static readonly byte[] HalfBins =
        ReadBins(PairField.MarkedShare, 1 << 16, value => BitConverter.UInt16BitsToHalf((ushort)value) is var half && Half.IsNaN(half) ? 0 : (double)half);

    private readonly Scale _scale;
    private readonly long[] _counts;

    internal FieldHistogram(PairField field)
    {
        Field = field;
        _scale = ScaleOf(field);
        _counts = new long[_scale.Bins];
    }

    public PairField Field { get; }

    /// <summary>Lower bounds of the bins, and the upper bound of the last; values outside are in the outer bins.</summary>
    public IReadOnlyList<double> Edges => [.. Enumerable.Range(0, _scale.Bins + 1).Select(_scale.Edge)];

    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Pairs whose value is not known.</summary>
    public long Unknown { get; private set; }

    /// <summary>For one thread.</summary>
    internal void Add(double value)
    {
        if (double.IsNaN(value))
        {
            Unknown++;
            return;
        }

        var (bins, whole) = (WholeBins[(int)Field], (int)value);
        _counts[whole == value && (uint)whole < (uint)bins.Length ? bins[whole] : _scale.Bin(value)]++;
    }

    /// <summary>For shares; for one thread.</summary>
    internal void Add(Half share)
    {
        Debug.Assert(_scale == ScaleOf(PairField.MarkedShare));
        if (Half.IsNaN(share))
        {
            Unknown++;
            return;
        }

        _counts[HalfBins[BitConverter.HalfToUInt16Bits(share)]]++;
    }

    internal void AddUnknown() => Unknown++;

    private static byte[] ReadBins(PairField field, int values, Func<int, double> valueOf)
    {
        var scale = ScaleOf(field);
        return [.. Enumerable.Range(0, values).Select(i => (byte)scale.Bin(valueOf(i)))];
    }

    internal void Add(FieldHistogram other)
    {
        Unknown += other.Unknown;
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    private static Scale ScaleOf(PairField field) => field switch
    {
        PairField.Characters => new Scale(0, 300, 60, false),
        PairField.Words => new Scale(0, 60, 60, false),
        PairField.Aspect => new Scale(1, 4, 60, false),
        PairField.ShorterSide => new Scale(16, 8_192, 54, true),
        PairField.Area => new Scale(1 << 10, 1 << 26, 48, true),
        PairField.Similarity => new Scale(-0.2, 1, 60, false),
        PairField.Sharpness => new Scale(1, 10_000, 48, true),
        PairField.Contrast => new Scale(0, 0.5, 50, false),
        PairField.Entropy => new Scale(0, 8, 48, false),
        _ => new Scale(0, 1, 50, false),
    };

    private readonly record struct Scale(double From, double To, int Bins, bool IsLogarithmic)
    {
        internal double Edge(int bin) => IsLogarithmic
            ? From * Math.Pow(To / From, (double)bin / Bins)
            : From + ((To - From) * bin / Bins);

        internal int Bin(double value)
        {
            var share = IsLogarithmic
                ? Math.Log(Math.Max(value, From) / From) / Math.Log(To / From)
                : (value - From) / (To - From);

            // A threshold that stands on an edge must find its pairs on the right side of it.
            return Math.Clamp((int)Math.Floor((share * Bins) + 1e-9), 0, Bins - 1);
        }
    }
}
