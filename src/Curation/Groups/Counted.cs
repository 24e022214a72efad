using System.Globalization;

namespace Sightline.Curation;

/// <summary>Numbers in sentences, the same in every culture.</summary>
internal static class Counted
{
    /// <param name="format">With {0} for the number.</param>
    internal static string Text(string format, double? number) => string.Format(CultureInfo.InvariantCulture, format, number);
}
