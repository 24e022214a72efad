using System.Globalization;

namespace Sightline.Curation.Import;

/// <summary>Where a pair stands in its file; made into a text only for a fault.</summary>
internal readonly record struct Place(string Unit, long Number)
{
    internal static Place Line(long number) => new("line", number);

    internal static Place Named(string name) => new(name, -1);

    public override string ToString() => Number < 0 ? Unit : string.Create(CultureInfo.InvariantCulture, $"{Unit} {Number}");
}
