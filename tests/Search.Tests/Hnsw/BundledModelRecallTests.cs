using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

/// <summary>Recall on what the index is for: the bundled model's own embeddings, pictures among which words look.</summary>
public sealed class BundledModelRecallTests
{
    private static readonly string[] Things = ["cat", "dog", "car", "house", "tree", "boat", "bird", "flower", "cup", "star"];
    private static readonly string[] Looks = ["red", "green", "blue", "yellow", "small", "old", "striped", "shiny"];
    private static readonly string[] Places = ["on a beach", "in the snow", "at night", "on a table", "under a bridge", "in a garden"];

    [Fact]
    public void Words_and_pictures_find_what_brute_force_finds()
    {
        using var embedder = ClipEmbedder.Load(
            Path.Combine(Repository.Root, "models", ModelCatalog.Default), new ComputeOptions("cpu", "auto"));
        var random = new Random(1);
        var captions = Things.SelectMany(thing => Looks.SelectMany(look => Places.SelectMany(place => Things.Where(other => other != thing)
            .Select(other => $"a {look} {thing} and a {other} {place}")))).OrderBy(_ => random.Next()).ToArray();
        var texts = captions[..3_000].Chunk(100).SelectMany(batch => embedder.EmbedTexts(batch, default));
        var pictures = Enumerable.Range(0, 600).Select(_ => Picture(random)).Chunk(50)
            .SelectMany(batch => embedder.EmbedImages(batch, default));
        var vectors = new Vectors([.. texts.Concat(pictures).Select(e => e.Values.ToArray())]);
        var index = new VectorIndex(vectors.Dimensions);
        for (var i = 0; i < vectors.Rows.Length; i++)
        {
            index.Set(new ImageId(i), 1, vectors.Rows[i]);
        }

        index.CloseRun(1);
        index.Carry(index.PlanFlush()!, new IndexOptions().BuildBeam, new ParallelOptions(), null);
        Assert.Equal(0, index.TailRows);
        var queries = captions[3_000..3_100].Chunk(100).SelectMany(batch => embedder.EmbedTexts(batch, default))
            .Concat(embedder.EmbedImages([.. Enumerable.Range(0, 50).Select(_ => Picture(random))], default)).ToList();

        // Wide enough not to be a scan.
        var recall = queries.Average(query => Vectors.Recall(
            vectors.BruteForce(query.Values.ToArray(), 10), index.Search(query.Memory, 10, VectorFilter.None, VectorIndex.DefaultBeam, default)));
        Assert.True(recall > 0.99, $"recall {recall}");
    }

    // A few rectangles on a shaded ground.
    private static RgbImage Picture(Random random)
    {
        const int Side = 64;
        var pixels = new byte[Side * Side * 3];
        var (ground, shade) = (random.Next(0x1000000), random.Next(3));
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((ground >> 8 * (i % 3) & 0xFF) * (shade == 0 ? 1 : (i / 3 / Side) / (double)Side));
        }

        for (var rectangle = random.Next(1, 5); rectangle > 0; rectangle--)
        {
            var (left, top, colour) = (random.Next(Side - 8), random.Next(Side - 8), random.Next(0x1000000));
            var (right, bottom) = (random.Next(left + 4, Side), random.Next(top + 4, Side));
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        pixels[(y * Side + x) * 3 + c] = (byte)(colour >> 8 * c);
                    }
                }
            }
        }

        return new RgbImage(Side, Side, pixels);
    }
}
