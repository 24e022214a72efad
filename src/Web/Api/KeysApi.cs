using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Prefix">The first characters of the secret, to recognise it by.</param>
public sealed record KeyDto(
    long Id, string Name, string Prefix, AccessScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt)
{
    internal static KeyDto From(ApiKey key) =>
        new(key.Id, key.Name, key.Prefix, key.Scope, key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt);
}

/// <param name="Days">How long it holds; for good where absent.</param>
public sealed record KeyRequest(string Name, AccessScope? Scope, double? Days);

/// <param name="Secret">Shown this once.</param>
public sealed record KeyResponse(KeyDto Key, string Secret);

/// <summary>Keys, for admins.</summary>
internal static class KeysApi
{
    private const double MostDays = 36_500;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/keys", ListAsync).WithSummary("Keys, newest first.").ForAdmins();
        app.MapPost("/api/keys", CreateAsync).WithSummary("Create a key; its secret is shown this once.").ForAdmins();
        app.MapDelete("/api/keys/{nameOrId}", RevokeAsync).WithSummary("Revoke a key and end its sessions.").ForAdmins();
    }

    private static async Task<Ok<List<KeyDto>>> ListAsync(ApiKeys keys, CancellationToken cancellationToken) =>
        TypedResults.Ok((await keys.ListAsync(cancellationToken)).Select(KeyDto.From).ToList());

    private static async Task<Ok<KeyResponse>> CreateAsync(KeyRequest request, ApiKeys keys, CancellationToken cancellationToken)
    {
        if (request.Days is { } days && days is not (> 0 and <= MostDays))
        {
            throw new ArgumentException($"A key holds for more than 0 and at most {MostDays} days.");
        }

        var life = request.Days is { } given ? TimeSpan.FromDays(given) : (TimeSpan?)null;
        var (key, secret) = await keys.CreateAsync(request.Name ?? "", request.Scope ?? AccessScope.Read, life, cancellationToken);
        return TypedResults.Ok(new KeyResponse(KeyDto.From(key), secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string nameOrId, ApiKeys keys, CancellationToken cancellationToken) => await keys.RevokeAsync(nameOrId, cancellationToken)
        ? TypedResults.NoContent()
        : TypedResults.Problem($"There is no active key {nameOrId}.", statusCode: StatusCodes.Status404NotFound);
}
