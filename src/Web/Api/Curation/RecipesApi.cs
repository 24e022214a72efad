using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Curation;

namespace Sightline.Web.Api;

/// <summary>What recipes are made of, published ones, and those that somebody keeps.</summary>
internal static class RecipesApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/curation/filters", Filters).WithSummary("Every filter with its settings.");
        app.MapGet("/api/curation/presets", ListPresets).WithSummary("Published recipes with their sources.");
        app.MapGet("/api/curation/recipes", ListAsync).WithSummary("Saved recipes by name.");
        app.MapPut("/api/curation/recipes/{name}", SaveAsync).WithSummary("Save a recipe under a name; one of the same name is replaced.");
        app.MapDelete("/api/curation/recipes/{name}", DeleteAsync).WithSummary("Forget a saved recipe.");
    }

    private static Ok<List<FilterDto>> Filters() => TypedResults.Ok(FilterCatalog.All.Select(FilterDto.From).ToList());

    private static Ok<IReadOnlyList<Preset>> ListPresets() => TypedResults.Ok(Presets.All);

    private static async Task<Ok<List<RecipeDto>>> ListAsync(CurationStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok((await store.ReadRecipesAsync(cancellationToken)).Select(r => new RecipeDto(r.Name, r.Recipe, r.SavedAt)).ToList());

    private static async Task<NoContent> SaveAsync(string name, RecipeRequest request, CurationStore store, CancellationToken cancellationToken)
    {
        // A recipe that cannot be read is not kept.
        RecipeReader.Read(request.Recipe ?? "");
        await store.SaveRecipeAsync(name.Trim(), request.Recipe!, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string name, CurationStore store, CancellationToken cancellationToken) =>
        await store.DeleteRecipeAsync(name, cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem($"There is no recipe {name}.", statusCode: StatusCodes.Status404NotFound);
}
