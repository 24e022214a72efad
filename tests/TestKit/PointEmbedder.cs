using System.Security.Cryptography;
using System.Text;
using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.TestKit;

/// <summary>
/// An embedder at the device boundary for tests that are not about models: a text's direction follows from its bytes, a picture's
/// from its mean colour, so that equal inputs are equal and "red" is nearest to a red picture.
/// </summary>
public sealed class PointEmbedder : IEmbedder
{
    private static readonly Dictionary<string, float[]> Colours = new()
    {
        ["red"] = [1, 0, 0],
        ["green"] = [0, 1, 0],
        ["blue"] = [0, 0, 1],
    };

    public EmbeddingSpace Space { get; init; } = new("point", new string('0', 64), 8);

    public int ImageSize => 32;

    /// <summary>How often a batch of texts was embedded.</summary>
    public int TextBatches { get; private set; }

    public Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken) => [.. images.Select(Embed)];

    public Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        TextBatches++;
        return [.. texts.Select(Embed)];
    }

    public int CountTokens(string text) => text.Split(' ').Length;

    public void Dispose()
    {
    }

    private Embedding Embed(string text)
    {
        var values = new float[Space.Dimensions];
        if (Colours.TryGetValue(text, out var colour))
        {
            colour.CopyTo(values, 0);
        }
        else
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = hash[i] - 127.5f;
            }
        }

        return Embedding.Normalize(Space, values);
    }

    private Embedding Embed(RgbImage image)
    {
        var values = new float[Space.Dimensions];
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            values[i % 3] += image.Pixels[i] + 1;
        }

        return Embedding.Normalize(Space, values);
    }
}
