using System.Globalization;

namespace Sightline.Curation;

/// <summary>How many pairs a subset has: a number of them or a share of those that are left.</summary>
public readonly record struct SubsetSize
{
    private readonly long? _count;
    private readonly double _share;

    private SubsetSize(long? count, double share) => (_count, _share) = (count, share);

    internal static FilterParameter[] Parameters { get; } =
    [
        new("count", "Keep", ParameterKind.Integer, null, 1, 1e12, "pairs"),
        new("share", "Keep of what is left", ParameterKind.Share, null, 0, 1),
    ];

    /// <param name="count">At least 1; all pairs where there are no more.</param>
    public static SubsetSize Pairs(long count) => new(count, 0);

    /// <param name="share">In [0, 1]; rounded to the nearest pair.</param>
    public static SubsetSize Share(double share) => new(null, share);

    internal static SubsetSize Of(FilterArguments arguments) => (arguments.Long("count"), arguments.Number("share")) switch
    {
        ({ } count, null) => Pairs(count),
        (null, { } share) => Share(share),
        _ => throw arguments.Fault("give either count or share."),
    };

    /// <summary>From 0 to <paramref name="left"/>.</summary>
    internal long Of(long left) => Math.Min(left, _count ?? (long)Math.Round(_share * left, MidpointRounding.AwayFromZero));

    public override string ToString() => _count is { } count
        ? string.Create(CultureInfo.InvariantCulture, $"{count} pairs")
        : string.Create(CultureInfo.InvariantCulture, $"{100 * _share:0.###} %");
}
