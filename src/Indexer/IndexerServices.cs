using Microsoft.Extensions.DependencyInjection;

namespace Sightline.Indexer;

public static class IndexerServices
{
    /// <summary>Registers the hosted service that claims and runs jobs. The rooms below must be registered.</summary>
    public static IServiceCollection AddIndexer(this IServiceCollection services) => throw new NotImplementedException();
}
