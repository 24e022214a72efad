namespace Sightline.Curation;

/// <summary>Applies filters of single pairs.</summary>
internal static class PairJudge
{
    /// <returns>For each pair 0, or the place, from 1, of its reason among those of all filters.</returns>
    internal static ushort[] Judge(IReadOnlyList<PairFilter> filters, PairPart part)
    {
        var verdicts = new ushort[part.Count];
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = Judge(filters, part[i]);
        }

        return verdicts;
    }

    internal static ushort Judge(IReadOnlyList<PairFilter> filters, in Pair pair)
    {
        var first = 1;
        for (var i = 0; i < filters.Count; i++)
        {
            var reason = filters[i].Check(pair);
            if (reason != PairFilter.Keep)
            {
                return (ushort)(first + reason);
            }

            first += filters[i].Reasons.Count;
        }

        return 0;
    }
}
