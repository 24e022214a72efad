using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Serving">It answers now.</param>
/// <param name="Card">Languages, measured quality, licence; null: not known.</param>
public sealed record ModelDto(string Name, long Bytes, bool Bundled, bool Serving, ModelCard? Card);

/// <param name="Since">When the server started with it: another moment tells that it has started again.</param>
public sealed record ServingDto(string Model, DateTimeOffset Since);

/// <param name="Model">By its name.</param>
public sealed record ModelChoiceRequest(string Model);

/// <summary>The models on this machine, and which one is served.</summary>
internal static class ModelsApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/models", (ModelChoice models, IEmbedder embedder) => TypedResults.Ok(List(models, embedder)))
            .WithSummary("The models on this machine.");
        app.MapGet("/api/models/serving", (ModelChoice models, IEmbedder embedder) => TypedResults.Ok(new ServingDto(embedder.Space.Model, models.Since)))
            .WithSummary("The model that answers now.");
        app.MapPut("/api/models/serving", Choose)
            .WithSummary("Serve another model: the server starts again with it and embeds the collection in its space.").ForAdmins();
    }

    internal static List<ModelDto> List(ModelChoice models, IEmbedder embedder) =>
        [.. models.List().Select(m => new ModelDto(m.Name, m.Bytes, m.Bundled, m.Name == embedder.Space.Model, m.Card))];

    private static Accepted Choose(ModelChoiceRequest request, ModelChoice models)
    {
        models.Choose(request.Model);
        return TypedResults.Accepted("/api/models/serving");
    }
}
