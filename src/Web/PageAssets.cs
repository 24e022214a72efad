using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Sightline.Web.Access;

namespace Sightline.Web;

/// <summary>Style, script and pictures of the page, from inside the assembly; their addresses carry their digest, so they are cached for
/// good.</summary>
internal static class PageAssets
{
    private static readonly Dictionary<string, (byte[] Content, string Type, string Digest)> Files = Read();

    internal static string Url(string name) => $"/assets/{name}?v={Files[name].Digest}";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/assets/{name}", (string name, HttpContext http) =>
        {
            if (!Files.TryGetValue(name, out var file))
            {
                return Results.NotFound();
            }

            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return Results.Bytes(file.Content, file.Type, entityTag: new EntityTagHeaderValue($"\"{file.Digest}\""));
        }).ExcludeFromDescription().ForAnyone();
        app.MapGet("/favicon.ico", () => Results.Bytes(Files["logo.svg"].Content, Files["logo.svg"].Type)).ExcludeFromDescription().ForAnyone();
    }

    private static Dictionary<string, (byte[] Content, string Type, string Digest)> Read()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith("assets/", StringComparison.Ordinal)).ToDictionary(n =>
            n["assets/".Length..], n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var type = Path.GetExtension(n) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                _ => "image/svg+xml",
            };
            return (content, type, Convert.ToHexStringLower(SHA256.HashData(content))[..10]);
        });
    }
}
