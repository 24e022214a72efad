using Microsoft.Extensions.DependencyInjection;
using Sightline.Curation.Import;
using Sightline.Curation.Languages;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Curation;

public static class CurationServices
{
    /// <summary>Registers <see cref="CurationStore"/>, <see cref="CurationFolder"/> and what reads datasets. The search room,
    /// <see cref="SearchOptions"/> and TimeProvider must be registered.</summary>
    /// <param name="models">That recipes may name.</param>
    public static IServiceCollection AddCuration(this IServiceCollection services, ModelCatalog models)
    {
        services.AddSingleton<CurationStore>();
        services.AddSingleton(provider => new CurationFolder(provider.GetRequiredService<SearchOptions>().Data, models));
        services.AddSingleton(_ => new CaptionReader(new LanguageIdentifier()));
        services.AddSingleton<DatasetImporter>();
        services.AddSingleton<DatasetSources>();
        services.AddSingleton<PairLookup>();
        services.AddSingleton<DatasetSamples>();
        return services;
    }
}
