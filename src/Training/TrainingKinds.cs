namespace Sightline.Training;

/// <summary>The kinds of training, by the names that the command takes.</summary>
internal static class TrainingKinds
{
    internal static IReadOnlyList<TrainingKind> All { get; } =
    [
    ];

    /// <exception cref="TrainingConfigException">There is no such kind; names those there are.</exception>
    internal static TrainingKind Find(string name) => All.FirstOrDefault(k => k.Name == name)
        ?? throw new TrainingConfigException($"There is no training {name}; there are: {string.Join(", ", All.Select(k => k.Name))}.");
}
