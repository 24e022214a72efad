namespace Sightline.Curation;

/// <summary>Looks whether filters of single pairs would drop all, since nobody has measured what they ask for.</summary>
internal static class KnownFields
{
    /// <param name="parts">With their measures; read only as far as it takes to find a pair that is known. None: nothing is asked.</param>
    /// <exception cref="RecipeException">No pair has what a filter needs; names both, and what to do.</exception>
    internal static void Check(IReadOnlyList<PairFilter> filters, IEnumerable<PairPart> parts)
    {
        var missing = filters.Where(f => f.Needs is not null).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var isEmpty = true;
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Count; i++)
            {
                isEmpty = false;
                for (var f = missing.Count - 1; f >= 0; f--)
                {
                    if (!double.IsNaN(PairFields.Value(missing[f].Needs!.Value, part[i])))
                    {
                        missing.RemoveAt(f);
                    }
                }

                if (missing.Count == 0)
                {
                    return;
                }
            }
        }

        if (!isEmpty)
        {
            throw Unmeasured.Field(missing[0].Name, missing[0].Needs!.Value);
        }
    }
}
