using System.Globalization;
using Sightline.Training.Data;

namespace Sightline.Training;

/// <summary>
/// What a configuration's <c>data</c>, <c>validation</c>, <c>pack</c> and <c>augment</c> say: sources, packed where they are not yet, and
/// what gives steps their batches.
/// </summary>
internal static class ConfiguredInputs
{
    /// <inheritdoc cref="OpenInputs"/>
    internal static TrainingInputs Open(
        ConfigSection root, PictureNeeds pictures, TrainingPlaces places, Action<string> tell, CancellationToken cancellationToken)
    {
        var pack = root.Section("pack");
        var augmentation = new Augmentation(AugmentationOptions.Read(root.Section("augment")), pictures.Side);
        var sources = TrainingSet.Read(root, "data", places.ConfigFolder);
        var heldOut = TrainingSet.Read(root, "validation", places.ConfigFolder);
        var cache = Cache(places.CacheFolder, progress => tell(Describe(progress)));
        var train = TrainingSet.Open(sources, PackOptions.Read(pack, pictures.Side, isTraining: true), cache, cancellationToken);
        try
        {
            var validation = heldOut.Count == 0
                ? null : TrainingSet.Open(heldOut, PackOptions.Read(pack, pictures.Side, isTraining: false), cache, cancellationToken);
            return new TrainingInputs(train.Data, validation?.Data, (length, device) => new BatchLoader(
                train, new LoaderOptions(length.Batch, length.Parts, length.Seed, IsCaptionedOnly: pictures.HaveCaptions), augmentation, device));
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>The folder of packed pictures that trainings and evaluations share.</summary>
    internal static PackCache Cache(string cacheFolder, Action<PackProgress> progress) =>
        new(Path.Combine(cacheFolder, "packed"), progress, TimeProvider.System);

    private static string Describe(PackProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"packing {Path.GetFileName(progress.Source)}: {progress.Done:N0} of {progress.Total:N0} pictures, {progress.PerSecond:N0}/s"
        + $"{(progress.Left is { } left ? $", {left:hh\\:mm\\:ss} left" : "")}{(progress.Faults > 0 ? $", {progress.Faults:N0} left out" : "")}");
}
