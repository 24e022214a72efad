using System.Net;
using System.Security.Cryptography;
using Sightline.Models.Weights;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Catalog;

public sealed class ModelCatalogTests : IDisposable
{
    private static readonly string Bundled = Path.Combine(Repository.Root, "models");
    private readonly TemporaryFolder _folder = new();

    private ModelCatalog Catalog => new(Bundled, _folder.PathOf("models"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_added_found_and_removed()
    {
        var added = Catalog.Add(Path.Combine(Bundled, ModelCatalog.Default), "mine");

        Assert.Equal(["sightline-clip-0", "mine"], Catalog.List().Select(m => m.Name));
        Assert.Equal(added.Folder, Catalog.Resolve("mine"));
        Assert.Throws<ArgumentException>(() => Catalog.Add(Path.Combine(Bundled, ModelCatalog.Default), "mine"));
        Catalog.Remove("mine");
        Assert.Throws<ModelNotFoundException>(() => Catalog.Resolve("mine"));
    }

    [Fact]
    public void What_does_not_load_is_not_added_and_bundled_models_stay()
    {
        File.WriteAllText(_folder.PathOf("bad.pt"), "no weights");

        Assert.Throws<ModelFormatException>(() => Catalog.Add(_folder.PathOf("bad.pt"), null));
        Assert.Throws<ModelNotFoundException>(() => Catalog.Remove(ModelCatalog.Default));
        Assert.Throws<ArgumentException>(() => Catalog.Add(Path.Combine(Bundled, ModelCatalog.Default), "../up"));
        Assert.Single(Catalog.List());
    }

    [Fact]
    public async Task A_pull_that_breaks_off_goes_on_where_it_was()
    {
        using var http = new HttpClient(new BrokenSite(_folder.Path)) { BaseAddress = new Uri("https://example.org/") };
        var pull = new ModelPull(Catalog, _folder.PathOf("pulling"), http);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => pull.RunAsync("me/clip", new Progress<PullProgress>(), default));
        Assert.DoesNotContain(Catalog.List(), m => m.Name == "me__clip");

        var model = await pull.RunAsync("me/clip", new Progress<PullProgress>(), default);

        Assert.Equal("me__clip", model.Name);
        Assert.Equal(model.Folder, Catalog.Resolve("me/clip"));
    }

    [Fact]
    public async Task Without_a_network_a_pull_says_so()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1/") };

        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => new ModelPull(Catalog, _folder.PathOf("pulling"), http).RunAsync("me/clip", new Progress<PullProgress>(), default));

        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The network's edge: serves the bundled model, cutting the first transfer of its weights in the middle.</summary>
    private sealed class BrokenSite : HttpMessageHandler
    {
        private readonly byte[] _weights;
        private bool _broken;

        internal BrokenSite(string folder)
        {
            // Bundled in shards, published in one file.
            using var checkpoint = Checkpoint.Open(Path.Combine(Repository.Root, "models", "sightline-clip-0", "model.safetensors.index.json"));
            var whole = Path.Combine(folder, "whole.safetensors");
            SafetensorsWriter.Write(whole, [.. checkpoint.Tensors.Select(t => new TensorToWrite(t.Key, t.Value.Type, t.Value.Shape, t.Value.Region.Read()))]);
            _weights = File.ReadAllBytes(whole);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var name = Path.GetFileName(request.RequestUri!.AbsolutePath);
            var path = Path.Combine(Repository.Root, "models", "sightline-clip-0", name);
            if (name != "model.safetensors" && !File.Exists(path))
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
            }

            if (name != "model.safetensors")
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(File.ReadAllBytes(path)) });
            }

            var from = (int)(request.Headers.Range?.Ranges.Single().From ?? 0);
            var end = _broken ? _weights.Length : _weights.Length / 2;
            _broken = true;
            var content = new StreamContent(new MemoryStream(_weights, from, end - from));
            content.Headers.ContentLength = _weights.Length - from;
            var response = new HttpResponseMessage(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = content };
            response.Headers.TryAddWithoutValidation("X-Linked-ETag", $"\"{Convert.ToHexStringLower(SHA256.HashData(_weights))}\"");
            return Task.FromResult(response);
        }
    }
}
