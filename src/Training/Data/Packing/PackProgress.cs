namespace Sightline.Training.Data;

/// <summary>How far packing is.</summary>
/// <param name="Source">That is packed.</param>
/// <param name="Done">Pictures looked at.</param>
/// <param name="Total">Pictures of the source.</param>
/// <param name="PerSecond">Of pictures looked at by this run; 0 before the first.</param>
/// <param name="Left">Time that the others will take at that rate; null before the first.</param>
/// <param name="Faults">Rows and pictures left out so far.</param>
public sealed record PackProgress(string Source, long Done, long Total, double PerSecond, TimeSpan? Left, long Faults);

/// <summary>What packing a source came to.</summary>
/// <param name="Folder">That holds the packed pictures.</param>
/// <param name="Pictures">In it.</param>
/// <param name="Captions">Of all its pictures.</param>
/// <param name="Uncaptioned">Pictures without a caption.</param>
/// <param name="Joined">Pictures that are, byte by byte, others of the source: their captions went to those.</param>
/// <param name="OtherPart">Pictures on the other side of the share that is held out.</param>
/// <param name="Faults">What was left out, by reason; the first are listed in <c>faults.jsonl</c>.</param>
/// <param name="Replaced">What was wrong with packed pictures that were there already; null where there were none.</param>
public sealed record PackReport(
    string Source, string Folder, int Pictures, long Captions, int Uncaptioned, int Joined, int OtherPart, int Side, string Digest,
    IReadOnlyDictionary<string, long> Faults, string? Replaced = null);
