namespace Sightline.Training.Probe;

/// <summary>Pictures as a frozen model sees them, with their classes.</summary>
/// <param name="Features">[N, E], row by row.</param>
/// <param name="Labels">N class numbers, 0 to <paramref name="Classes"/> - 1.</param>
/// <param name="Dimensions">E.</param>
internal sealed record FeatureSet(float[] Features, int[] Labels, int Classes, int Dimensions)
{
    internal int Count => Labels.Length;

    internal ReadOnlySpan<float> Row(int index) => Features.AsSpan(index * Dimensions, Dimensions);

    internal FeatureSet Take(IReadOnlyList<int> rows)
    {
        var features = new float[rows.Count * Dimensions];
        for (var i = 0; i < rows.Count; i++)
        {
            Row(rows[i]).CopyTo(features.AsSpan(i * Dimensions));
        }

        return new FeatureSet(features, [.. rows.Select(r => Labels[r])], Classes, Dimensions);
    }

    /// <summary>Both sets, this one first.</summary>
    internal FeatureSet With(FeatureSet other) => this with { Features = [.. Features, .. other.Features], Labels = [.. Labels, .. other.Labels] };

    /// <summary>So many of each class, drawn without replacement; all of a class that has no more.</summary>
    internal FeatureSet Draw(int perClass, Random random)
    {
        var rows = Enumerable.Range(0, Count).ToArray();
        random.Shuffle(rows);
        var taken = new int[Classes];
        return Take([.. rows.Where(r => taken[Labels[r]]++ < perClass).Order()]);
    }
}
