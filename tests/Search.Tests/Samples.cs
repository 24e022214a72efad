using System.Security.Cryptography;
using System.Text;
using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Search.Tests;

/// <summary>Rows for the catalogue.</summary>
internal static class Samples
{
    internal static readonly EmbeddingSpace Space = new("sample", new string('a', 64), 4);

    internal static readonly DateTimeOffset Morning = new(2024, 5, 1, 8, 0, 0, TimeSpan.Zero);

    internal static NewImage Image(RootId root, string path, string content = "", EmbeddingSpace? space = null, params float[] vector) => new(
        root, path, SHA256.HashData(Encoding.UTF8.GetBytes(content.Length == 0 ? path : content)), 100, Morning,
        new ImageMetadata("jpeg", 640, 480, 1, null, "Camera", 48.1, 11.5), null, Provenance.Collected,
        Embedding.Normalize(space ?? Space, vector.Length == 0 ? [1, 2, 3, 4] : vector));

    internal static FileFault Fault(RootId root, string path, string reason = "corrupt") =>
        new(root, path, 7, Morning, reason, "It is broken.", Morning);
}
