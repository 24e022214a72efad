namespace Sightline.Training.Data;

/// <summary>The pictures of a list of sources, packed and open.</summary>
/// <param name="Data">Disposed with this.</param>
/// <param name="Weights">Of each source: shares of the pictures that batches have of it, in any unit; null: the count of its
/// pictures.</param>
/// <param name="Reports">Of the sources, in their order; null for those that came packed.</param>
internal sealed record TrainingSet(ITrainingData Data, IReadOnlyList<double?> Weights, IReadOnlyList<PackReport?> Reports) : IDisposable
{
    /// <summary>The sources of a list such as <c>data</c>.</summary>
    /// <param name="folder">Absolute: what relative paths are relative to, the configuration's own.</param>
    /// <exception cref="TrainingConfigException">There are none, or a setting is not what it should be.</exception>
    internal static IReadOnlyList<SourceConfig> Read(ConfigSection config, string key, string folder)
    {
        var sources = config.Sections(key).Select(s => SourceConfig.Read(s, folder)).ToList();
        var weighted = sources.Count(s => s.Weight is not null);
        return weighted == 0 || weighted == sources.Count
            ? sources : throw config.Wrong(key, "has a source with a weight and one without; give all of them one, or none");
    }

    /// <summary>Opens sources, and packs those that are not packed yet.</summary>
    /// <exception cref="TrainingDataException">There are no sources, one cannot be read, or they are packed with different sides; says
    /// which and why.</exception>
    /// <exception cref="InvalidDataException">What came packed is damaged.</exception>
    internal static TrainingSet Open(
        IReadOnlyList<SourceConfig> sources, PackOptions options, PackCache cache, CancellationToken cancellationToken)
    {
        if (sources.Count == 0)
        {
            throw new TrainingDataException("There are no sources: data is a list such as [{path: pictures}].");
        }

        var parts = new List<ITrainingData>();
        var reports = new List<PackReport?>();
        try
        {
            foreach (var source in sources)
            {
                var (part, report) = source.Packed is not null
                    ? (PackedPictures.Open(source.Packed, cancellationToken), null)
                    : cache.Open(source, options, cancellationToken);
                parts.Add(part);
                reports.Add(report);
                if (part.Side != parts[0].Side)
                {
                    throw new TrainingDataException(
                        $"{source.Place} is packed as {part.Side} x {part.Side} pixels, and {sources[0].Place} as "
                        + $"{parts[0].Side} x {parts[0].Side}: set pack.side to that of the packed ones, or pack them again.");
                }
            }

            return new TrainingSet(new JoinedData(parts), [.. sources.Select(s => s.Weight)], reports);
        }
        catch
        {
            parts.ForEach(p => p.Dispose());
            throw;
        }
    }

    public void Dispose() => Data.Dispose();
}
