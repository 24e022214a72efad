using System.Text.Json.Nodes;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>
/// What a model is to be measured by: a path, or the sources that a configuration lists as a training's does. Pictures are packed once, as
/// squares of the side that the model takes, and found again in the cache.
/// <code>
/// data: [{path: pictures.zip, table: captions.tsv, columns: {language: lang}}]
/// validation: [...]        # for probes alone: pictures of their own to test on
/// pack: {fit: crop}        # or squash
/// </code>
/// </summary>
public sealed class EvaluationSources
{
    private readonly ConfigSection _root;
    private readonly IReadOnlyList<SourceConfig> _data;
    private readonly IReadOnlyList<SourceConfig> _test;

    private EvaluationSources(ConfigSection root, IReadOnlyList<SourceConfig> data, IReadOnlyList<SourceConfig> test) =>
        (_root, _data, _test) = (root, data, test);

    /// <summary>What a path holds by itself: a zip or folder with <c>captions.tsv</c> or <c>labels.tsv</c> (columns image or path, and of
    /// split, lang, caption and label those that there are), one whose folders are the pictures' classes, or whatever else curation
    /// imports.</summary>
    /// <param name="path">Relative to the working directory.</param>
    /// <param name="split">Only pictures of this split, which a column <c>split</c> tells or a folder of that name; null: all.</param>
    /// <exception cref="TrainingDataException">There is nothing to read, or nothing tells the split.</exception>
    public static EvaluationSources OfPath(string path, string? split) => OfPaths(path, split, null);

    /// <inheritdoc cref="OfPath"/>
    /// <param name="test">Pictures of their own to test a probe on; null: none.</param>
    public static EvaluationSources OfPaths(string path, string? split, string? test) => new(
        new ConfigSection("", new JsonObject()), [FoundSource.Find(path, split, "--on")],
        test is null ? [] : [FoundSource.Find(test, null, "--test-on")]);

    /// <summary>The <c>data</c> of a configuration.</summary>
    /// <exception cref="TrainingConfigException">It cannot be read, or a setting is not what it should be; names it.</exception>
    public static EvaluationSources OfConfig(string path)
    {
        var config = TrainingConfig.Read(path);
        return new EvaluationSources(config.Root, ReadData(config.Root, config.Folder), []);
    }

    /// <summary>The <c>data</c> of a configuration, and its <c>validation</c> as pictures to test a probe on.</summary>
    /// <inheritdoc cref="OfConfig"/>
    public static EvaluationSources OfProbeConfig(string path)
    {
        var config = TrainingConfig.Read(path);
        return ReadProbe(config.Root, config.Folder);
    }

    /// <inheritdoc cref="OfProbeConfig"/>
    /// <param name="root">Of the configuration; whoever has settings of his own there reads them before the data are opened.</param>
    /// <param name="folder">Absolute: what relative paths are relative to.</param>
    internal static EvaluationSources ReadProbe(ConfigSection root, string folder) =>
        new(root, ReadData(root, folder), TrainingSet.Read(root, "validation", folder));

    /// <param name="side">Of the squares that pictures become, in pixels.</param>
    /// <param name="cacheFolder">Packed pictures are kept in it.</param>
    /// <exception cref="TrainingConfigException">A setting of the configuration is unknown, or is not what it should be; names it.</exception>
    /// <exception cref="TrainingDataException">A source cannot be read, or holds no pictures that are asked for; says why.</exception>
    /// <exception cref="InvalidDataException">What came packed is damaged.</exception>
    public EvaluationData Open(int side, string cacheFolder, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        Open(_data, side, cacheFolder, progress, cancellationToken);

    /// <summary>Pictures of their own to test on; null where there are none.</summary>
    /// <inheritdoc cref="Open(int, string, IProgress{EvaluationProgress}?, CancellationToken)"/>
    public EvaluationData? OpenTest(int side, string cacheFolder, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        _test.Count == 0 ? null : Open(_test, side, cacheFolder, progress, cancellationToken);

    private static IReadOnlyList<SourceConfig> ReadData(ConfigSection root, string folder) =>
        TrainingSet.Read(root, "data", folder) is { Count: > 0 } sources
            ? sources : throw root.Wrong("data", "is needed: a list of sources such as [{path: pictures}]");

    private EvaluationData Open(
        IReadOnlyList<SourceConfig> sources, int side, string cacheFolder, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var options = PackOptions.Read(_root.Section("pack"), side, isTraining: false);
        _root.RequireAllRead();
        var cache = ConfiguredInputs.Cache(cacheFolder, packing => progress?.Report(
            new EvaluationProgress($"packing {Path.GetFileName(packing.Source)}", packing.Done, packing.Total)));
        return EvaluationData.Of(TrainingSet.Open(sources, options, cache, cancellationToken));
    }
}
