using Sightline.Search;

namespace Sightline.Curation.Import;

/// <summary>Opens what datasets come from.</summary>
public sealed class DatasetSources(SearchEngine engine)
{
    /// <exception cref="PairSourceException">There is no such source.</exception>
    public IPairSource Open(DatasetSource source) => source.Files is { } files
        ? PairSources.Open(files)
        : new CatalogSource(engine, source.Filter is { } filter ? FilterJson.Parse(filter) : null);
}
