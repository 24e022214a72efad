namespace Sightline.Curation.Export;

/// <summary>What an export is made from, by SHA-256 digests: two exports with the same have the same files.</summary>
/// <param name="Tool">Name and version of the program.</param>
/// <param name="Dataset">Of its name, its pairs and what was measured of them.</param>
/// <param name="Verdicts">Of all verdicts, with people's decisions, and the names of the reasons.</param>
/// <param name="Recipe">Of its text.</param>
/// <param name="Request">But for the folder.</param>
public sealed record PlanIdentity(string Tool, string Dataset, string Verdicts, string Recipe, string Request)
{
    /// <summary>What differs, for a sentence.</summary>
    internal string Difference(PlanIdentity other)
    {
        (string Name, bool IsSame)[] all =
        [
            ("program's version", Tool == other.Tool), ("dataset", Dataset == other.Dataset), ("verdicts", Verdicts == other.Verdicts),
            ("recipe", Recipe == other.Recipe), ("request", Request == other.Request),
        ];
        return string.Join(", ", all.Where(a => !a.IsSame).Select(a => "the " + a.Name));
    }
}
