using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>One caption of each picture, each text once: to choose from.</summary>
/// <param name="Texts">The captions.</param>
/// <param name="Owners">For each, the picture it was written for.</param>
internal sealed record CaptionChoices(IReadOnlyList<string> Texts, IReadOnlyList<int> Owners)
{
    internal int Count => Texts.Count;

    /// <param name="language">Null: any.</param>
    internal static CaptionChoices Of(ITrainingData data, string? language)
    {
        var captions = Enumerable.Range(0, data.Count)
            .SelectMany(i => data[i].Captions.Where(c => language is null || c.Language == language).Take(1).Select(c => (c.Text, Owner: i)))
            .DistinctBy(c => c.Text).ToList();
        return new CaptionChoices([.. captions.Select(c => c.Text)], [.. captions.Select(c => c.Owner)]);
    }

    /// <returns>Rows of so many captions, drawn without replacement.</returns>
    internal int[] Draw(int count, long seed)
    {
        var rows = Enumerable.Range(0, Count).ToArray();
        new Random(unchecked((int)seed)).Shuffle(rows);
        return rows[..count];
    }

    /// <returns>Rows of so many captions other than one, drawn without replacement.</returns>
    internal int[] DrawOthers(int own, int count, long seed)
    {
        var rows = Enumerable.Range(0, Count).Where(r => r != own).ToArray();
        new Random(unchecked((int)seed + 1)).Shuffle(rows);
        return rows[..count];
    }
}
