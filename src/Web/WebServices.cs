using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Sightline.Web;

public static class WebServices
{
    /// <summary>Registers the pages and the HTTP API. The rooms below must be registered.</summary>
    public static IServiceCollection AddWeb(this IServiceCollection services) => throw new NotImplementedException();

    /// <summary>Maps pages, API, health and OpenAPI.</summary>
    public static WebApplication MapWeb(this WebApplication app) => throw new NotImplementedException();
}
