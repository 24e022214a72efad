namespace Sightline.Training.Clip;

/// <summary>Which pictures and captions of a batch belong together.</summary>
internal static class ContrastiveTargets
{
    /// <summary>
    /// Row i, column j is 1 where the batch itself says that caption j is of picture i: it is the same picture as row j's, or has an equal
    /// caption, or the same picture stands elsewhere beside that caption. Else 0. The diagonal is 1.
    /// </summary>
    /// <param name="pictures">Equal numbers are the same picture.</param>
    /// <param name="captions">As many.</param>
    /// <returns>N x N, row-major.</returns>
    internal static float[] Positives(ReadOnlySpan<int> pictures, IReadOnlyList<string> captions)
    {
        var count = captions.Count;
        var columns = new Dictionary<string, List<int>>();
        var captionsOf = new Dictionary<int, HashSet<string>>();
        for (var i = 0; i < count; i++)
        {
            (columns.TryGetValue(captions[i], out var same) ? same : columns[captions[i]] = []).Add(i);
            (captionsOf.TryGetValue(pictures[i], out var said) ? said : captionsOf[pictures[i]] = []).Add(captions[i]);
        }

        var positives = new float[count * count];
        for (var row = 0; row < count; row++)
        {
            foreach (var column in captionsOf[pictures[row]].SelectMany(caption => columns[caption]))
            {
                positives[row * count + column] = 1;
            }
        }

        return positives;
    }
}
