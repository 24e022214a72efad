using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Sightline.Web.Access;
using Sightline.Web.Api;
using Sightline.Web.Metrics;
using Sightline.Web.Pages;

namespace Sightline.Web;

public static class WebServices
{
    /// <summary>Registers the pages and the HTTP API. The rooms below must be registered.</summary>
    /// <param name="access">Who is let in.</param>
    /// <param name="models">Which can be served.</param>
    /// <param name="secrets">A folder for what seals sessions; only this user can read it.</param>
    public static IServiceCollection AddWeb(this IServiceCollection services, AccessOptions access, ModelChoice models, string secrets)
    {
        services.AddSingleton(access);
        services.AddSingleton(models);
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var proxy in access.Proxies)
            {
                forwarded.KnownProxies.Add(proxy);
            }
        });
        services.AddSingleton<Sessions>();
        services.AddSingleton<LoginAttempts>();
        var folder = Directory.CreateDirectory(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        services.AddDataProtection().SetApplicationName("sightline").PersistKeysToFileSystem(folder);
        services.AddRazorComponents();
        services.AddAntiforgery();
        services.AddOpenApi();
        services.AddProblemDetails();
        services.AddExceptionHandler<KnownErrors>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton<MetricsPage>();
        services.AddSingleton(_ => new DecodingTurns(Environment.ProcessorCount));
        services.AddHttpContextAccessor();

        // Not the query: it may hold a key.
        services.AddHttpLogging(logging =>
        {
            logging.LoggingFields = HttpLoggingFields.RequestMethod | HttpLoggingFields.RequestPath | HttpLoggingFields.ResponseStatusCode | HttpLoggingFields.Duration;
            logging.CombineLogs = true;
        });
        services.Configure<JsonOptions>(options => ApiJson.Configure(options.SerializerOptions));
        return services;
    }

    /// <summary>Maps pages, API, health and OpenAPI.</summary>
    public static WebApplication MapWeb(this WebApplication app)
    {
        // Without known proxies, the headers would be believed from anybody.
        if (app.Services.GetRequiredService<AccessOptions>().Proxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        app.UseHttpLogging();
        app.UseExceptionHandler();
        app.UseMiddleware<SiteAccess>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseWhen(context => IsForPrograms(context.Request), branch => branch.UseStatusCodePages());
        app.UseWhen(context => !IsForPrograms(context.Request), branch => branch.UseStatusCodePagesWithReExecute("/not-found"));
        app.UseRouting();
        app.Use(RequestSpan.NameAsync);
        app.UseMiddleware<KeyAccess>();
        app.UseAntiforgery();
        app.MapOpenApi("/openapi.json");
        HealthApi.Map(app);
        SearchApi.Map(app);
        DuplicatesApi.Map(app);
        ImagesApi.Map(app);
        JobsApi.Map(app);
        StatusApi.Map(app);
        AlbumsApi.Map(app);
        LabelsApi.Map(app);
        ModelsApi.Map(app);
        TagsApi.Map(app);
        CalibrationApi.Map(app);
        MetricsApi.Map(app);
        KeysApi.Map(app);
        LoginApi.Map(app);
        EmbeddingsApi.Map(app);
        RankApi.Map(app);
        ClipRetrievalApi.Map(app);
        DatasetsApi.Map(app);
        DatasetImagesApi.Map(app);
        RunsApi.Map(app);
        ExportsApi.Map(app);
        RecipesApi.Map(app);
        TrainingApi.Map(app);
        TrainingSamplesApi.Map(app);
        PageAssets.Map(app);
        app.MapRazorComponents<App>();
        return app;
    }

    private static bool IsForPrograms(HttpRequest request) => !HttpMethods.IsGet(request.Method) || IsForPrograms(request.Path);

    private static bool IsForPrograms(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/v1")
        || path.StartsWithSegments("/images") || path.Value is "/rank" or "/knn-service" or "/metadata" or "/indices-list";
}
