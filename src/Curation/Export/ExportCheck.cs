namespace Sightline.Curation.Export;

/// <summary>What reading an export back has found.</summary>
/// <param name="Problems">A sentence each; the first 100.</param>
/// <param name="ProblemCount">All of them: 0 for an export that is sound.</param>
/// <param name="Pairs">Read back, those too whose image had failed.</param>
/// <param name="Bytes">Of the files that were digested.</param>
public sealed record ExportCheck(IReadOnlyList<string> Problems, long ProblemCount, long Pairs, long Bytes);
