namespace Sightline.Curation;

/// <summary>What a run did, for people and programs.</summary>
/// <param name="Pairs">Pairs of the dataset.</param>
/// <param name="Kept">Pairs that no filter dropped.</param>
/// <param name="Steps">The filters in the order in which they ran.</param>
/// <param name="Fields">Every field of which at least one pair has a value.</param>
/// <param name="Languages">Most frequent first.</param>
/// <param name="Reasons">Codes of all reasons that the filters could have: verdict 1 is the first.</param>
public sealed record RunReport(
    long Pairs, long Kept, IReadOnlyList<FunnelStep> Steps, IReadOnlyList<FieldReport> Fields, IReadOnlyList<LanguageReport> Languages,
    IReadOnlyList<string> Reasons)
{
    internal static RunReport Of(IReadOnlyList<CurationFilter> filters, long[] byReason, PairStatistics all, PairStatistics kept)
    {
        var steps = new List<FunnelStep>();
        var (left, reason) = (all.Pairs, 1);
        foreach (var filter in filters)
        {
            var reasons = new List<ReasonCount>();
            foreach (var text in filter.Reasons)
            {
                reasons.Add(new ReasonCount(reason, text.Code, text.Text, byReason[reason++]));
            }

            var dropped = reasons.Sum(r => r.Pairs);
            steps.Add(new FunnelStep(filter.Name, left, left - dropped, [.. reasons.Where(r => r.Pairs > 0)]));
            left -= dropped;
        }

        var keptLanguages = kept.Languages.ToDictionary(l => l.Key, l => l.Value);
        return new RunReport(
            all.Pairs, left, steps,
            [.. all.Histograms.Zip(kept.Histograms).Where(h => h.First.Unknown < all.Pairs).Select(h => new FieldReport(
                h.First.Field, h.First.Edges, h.First.Counts, h.Second.Counts, h.First.Unknown, h.Second.Unknown))],
            [.. all.Languages.Select(l => new LanguageReport(l.Key, l.Value, keptLanguages.GetValueOrDefault(l.Key)))],
            [.. filters.SelectMany(f => f.Reasons).Select(r => r.Code)]);
    }
}

/// <param name="Filter">Its name.</param>
/// <param name="In">Pairs that came to it.</param>
/// <param name="Out">Pairs that passed it.</param>
/// <param name="Reasons">Those that dropped pairs.</param>
public sealed record FunnelStep(string Filter, long In, long Out, IReadOnlyList<ReasonCount> Reasons);

/// <param name="Number">As <see cref="RunVerdicts"/> stores it.</param>
/// <param name="Code">See <see cref="DropReason.Code"/>.</param>
/// <param name="Text">See <see cref="DropReason.Text"/>.</param>
public sealed record ReasonCount(int Number, string Code, string Text, long Pairs);

/// <param name="Edges">See <see cref="FieldHistogram.Edges"/>.</param>
/// <param name="All">Pairs of the dataset in each bin.</param>
/// <param name="Kept">Of these, the ones kept.</param>
/// <param name="Unknown">Pairs without a value.</param>
/// <param name="KeptUnknown">Of these, the ones kept.</param>
public sealed record FieldReport(
    PairField Field, IReadOnlyList<double> Edges, IReadOnlyList<long> All, IReadOnlyList<long> Kept, long Unknown, long KeptUnknown);

/// <param name="Language">ISO 639; und where it is unsure, zxx without letters.</param>
public sealed record LanguageReport(string Language, long All, long Kept);
