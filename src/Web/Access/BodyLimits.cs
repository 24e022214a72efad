using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;

namespace Sightline.Web.Access;

/// <summary>How long a request's body may be, in bytes; a longer one is answered with 413, and one that trickles with 408.</summary>
public static class BodyLimits
{
    /// <summary>Of endpoints that say nothing.</summary>
    public const int Usual = 4 << 20;

    /// <summary>Of endpoints that take pictures or many embeddings.</summary>
    public const int Pictures = 64 << 20;

    internal static TBuilder TakesPictures<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestSizeLimitAttribute(Pictures));
}
