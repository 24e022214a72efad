using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sightline.Search;

namespace Sightline.Web.Access;

/// <summary>What an endpoint needs of a key. Endpoints that say nothing need read for GET and HEAD, write for all else.</summary>
/// <param name="Scope">Null: no key.</param>
internal sealed record RequiredScope(AccessScope? Scope)
{
    internal static AccessScope? Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<OpenToAnyoneAttribute>() is not null ? null
        : context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is { } said ? said.Scope
        : HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? AccessScope.Read
        : AccessScope.Write;
}

internal static class RequiredScopeConventions
{
    /// <summary>Changes nothing, though it is a POST.</summary>
    internal static TBuilder OnlyReads<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(AccessScope.Read));

    internal static TBuilder ForAdmins<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(AccessScope.Admin));

    /// <summary>Answers without a key.</summary>
    internal static TBuilder ForAnyone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope((AccessScope?)null));
}

/// <summary>A page that is shown without a key.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OpenToAnyoneAttribute : Attribute;
