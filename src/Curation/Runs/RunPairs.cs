using System.Globalization;

namespace Sightline.Curation;

/// <summary>A pair with what a run says of it.</summary>
/// <param name="Reason">Null: it is kept.</param>
/// <param name="Twin">The row that is kept in its stead; null where there is none, or where that was dropped later.</param>
public sealed record JudgedPair(PairRecord Pair, string? Reason, long? Twin);

/// <summary>Finds pairs by what a run says of them.</summary>
public static class RunPairs
{
    private const string ByHand = "by_hand";

    /// <param name="folder">Of the run.</param>
    /// <param name="reason">A reason's code or number; <c>kept</c>, <c>dropped</c>, or <c>by_hand</c>: all that people have decided on,
    /// whatever the run says of them.</param>
    /// <param name="from">The first row that is looked at.</param>
    /// <exception cref="ArgumentException">The run has no such reason.</exception>
    public static IReadOnlyList<JudgedPair> Find(
        PairDataset dataset, string folder, RunReport report, IReadOnlyDictionary<long, bool> decisions, string reason, long from, int limit,
        PairLookup lookup, CancellationToken cancellationToken)
    {
        var reasons = report.Steps.SelectMany(s => s.Reasons).ToList();
        Func<ushort, bool>? isWanted = reason switch
        {
            ByHand => null,
            "kept" => v => v == 0,
            "dropped" => v => v != 0,
            _ when reasons.FirstOrDefault(r => r.Code == reason || r.Number.ToString(CultureInfo.InvariantCulture) == reason) is { } known => v => v == known.Number,
            _ => throw new ArgumentException($"The run dropped nothing for the reason {reason}; there are {string.Join(", ", reasons.Select(r => r.Code))}, kept, dropped and {ByHand}."),
        };
        var verdicts = new RunVerdicts(folder, decisions);
        var rows = isWanted is null
            ? [.. decisions.Keys.Where(row => row >= from).Order().Take(limit)]
            : PairLookup.FindRows(dataset, verdicts, isWanted, from, limit, cancellationToken);
        var twins = new RunFiles(folder).FindTwins(rows.ToHashSet());
        var texts = reasons.ToDictionary(r => r.Number, r => r.Text);
        var byPart = new Dictionary<long, ushort[]>();
        return [.. lookup.Find(dataset, rows, cancellationToken).Select(pair =>
        {
            var verdict = VerdictOf(pair.Row);
            return new JudgedPair(
                pair, verdict switch { 0 => null, RunVerdicts.DroppedByHand => "dropped by hand", _ => texts.GetValueOrDefault(verdict) },
                twins.TryGetValue(pair.Row, out var twin) && VerdictOf(twin) == 0 ? twin : null);
        })];

        ushort VerdictOf(long row)
        {
            var part = row / PairDataset.PartRows;
            return (byPart.TryGetValue(part, out var known) ? known : byPart[part] = verdicts.Read((int)part))[row % PairDataset.PartRows];
        }
    }
}
