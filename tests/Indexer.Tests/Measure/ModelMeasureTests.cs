using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sightline.Curation;
using Sightline.Indexer.Measure;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Measure;

/// <summary>What a model says of images: with a small one, over a real database.</summary>
public sealed class ModelMeasureTests : IAsyncLifetime
{
    private readonly DatasetFixture _fixture = new();
    private readonly DeviceQueue _device = new();
    private PostgresServer _server = null!;
    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _source = NpgsqlDataSource.Create(await _server.CreateDatabaseAsync());
    }

    public async Task DisposeAsync()
    {
        _device.Dispose();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Images_and_captions_are_embedded_and_compared()
    {
        var red = _fixture.Write("red.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 255, 0, 0)));
        _fixture.Add("red", red);
        _fixture.Add("green", red);
        _fixture.Add("", red);
        _fixture.Add("red", _fixture.PathOf("gone.png"));
        var dataset = _fixture.Save();
        var embedder = new PointEmbedder();

        var job = await RunAsync(embedder);

        var part = dataset.ReadPart(0, PartColumns.Measures | PartColumns.Embeddings, default);
        var image = embedder.EmbedImages([DatasetFixture.Plain(20, 20, 255, 0, 0)], default)[0];
        Assert.Equal((embedder.Space.Digest, 8), (part.Embeddings!.Space, part.Embeddings.Dimensions));
        for (var pair = 0; pair < 3; pair++)
        {
            Assert.True(part.Measures[pair].Has(ImageMeasured.Pixels | ImageMeasured.Embedding | ImageMeasured.TextLikeness));
            Assert.InRange(part.Measures[pair].TextLikeness, 0f, 1f);
            Assert.Equal([.. image.Values.ToArray().Select(v => (Half)v)], part.Embeddings[pair].ToArray());
        }

        Assert.Equal(1, part.Measures[0].Similarity, 0.001);
        Assert.Equal(0, part.Measures[1].Similarity, 0.01);
        Assert.False(part.Measures[2].Has(ImageMeasured.Similarity));
        Assert.Equal(ImageMeasured.Fault, part.Measures[3].Known);
        Assert.Equal((4L, 4L, 1L), (job.Progress().Done, job.Progress().Total, job.Progress().Failed));
        Assert.Contains("3 measured, 1 vanished", job.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_asks_the_model_nothing_and_another_model_all()
    {
        _fixture.Add("red", _fixture.Write("red.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 255, 0, 0))));
        _fixture.Add("", _fixture.Write("blue.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 0, 0, 255))));
        var dataset = _fixture.Save();
        await RunAsync(new PointEmbedder(), clip: false);
        Assert.Equal(2, (await RunAsync(new PointEmbedder())).Progress().Counts["measured"]);

        Assert.Equal(2, (await RunAsync(new PointEmbedder())).Progress().Counts["unchanged"]);
        Assert.Equal(2, (await RunAsync(new PointEmbedder(), clip: false)).Progress().Counts["unchanged"]);

        var other = new PointEmbedder { Space = new EmbeddingSpace("other", new string('1', 64), 16) };
        Assert.Equal(2, (await RunAsync(other)).Progress().Counts["measured"]);
        Assert.Equal(16, dataset.ReadPart(0, PartColumns.Embeddings, default).Embeddings!.Dimensions);
    }

    [Fact]
    public async Task Damaged_embeddings_are_made_anew()
    {
        _fixture.Add("red", _fixture.Write("red.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 255, 0, 0))));
        var dataset = _fixture.Save();
        await RunAsync(new PointEmbedder());
        File.WriteAllText(Path.Combine(dataset.Folder, "embeddings-00000.bin"), "damaged");

        Assert.Equal(1, (await RunAsync(new PointEmbedder())).Progress().Counts["measured"]);

        Assert.Equal(8, dataset.ReadPart(0, PartColumns.Embeddings, default).Embeddings!.Dimensions);
    }

    [Fact]
    public async Task A_device_with_little_memory_gets_smaller_batches_and_what_never_fits_costs_only_itself()
    {
        for (var i = 0; i < 100; i++)
        {
            _fixture.Add($"caption {i}", _fixture.Write($"{i}.png", ImageEncoder.EncodePng(DatasetFixture.Plain(i == 7 ? 333 : 20, 20, (byte)i, 0, 0))));
        }

        var dataset = _fixture.Save();
        var small = new SmallDevice(4, 333);

        var counts = (await RunAsync(small)).Progress().Counts;

        Assert.Equal((99L, 1L), (counts["measured"], counts["device_out_of_memory"]));
        var fault = Assert.Single(MeasureReport.Read(dataset.Folder)!.Faults);
        Assert.Equal((7L, "device_out_of_memory"), (fault.Row, fault.Reason));
        Assert.Equal(ImageMeasured.Read | ImageMeasured.Pixels, dataset.ReadPart(0, PartColumns.Measures, default).Measures[7].Known);
        Assert.Equal(1, (await RunAsync(new PointEmbedder())).Progress().Counts["measured"]);
    }

    [Fact]
    public async Task A_model_that_fails_otherwise_ends_the_run_with_its_error()
    {
        _fixture.Add("red", _fixture.Write("red.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 255, 0, 0))));
        _fixture.Save();

        var failure = await Assert.ThrowsAsync<ExternalException>(() => RunAsync(new SmallDevice(4, 20) { Message = "CUDA error: device-side assert triggered" }));

        Assert.Contains("device-side", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_is_like_texts_about_writing_is_probably_text()
    {
        _fixture.Add("", _fixture.Write("page.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 255, 0, 0))));
        _fixture.Add("", _fixture.Write("other.png", ImageEncoder.EncodePng(DatasetFixture.Plain(20, 20, 0, 0, 255))));
        var dataset = _fixture.Save();

        await RunAsync(new RedWriting());

        var measures = dataset.ReadPart(0, PartColumns.Measures, default).Measures;
        Assert.InRange(measures[0].TextLikeness, 0.9f, 1f);
        Assert.InRange(measures[1].TextLikeness, 0f, 0.1f);
    }

    private Tagger Tagger(IEmbedder embedder)
    {
        var catalog = new Catalog(_source, TimeProvider.System);
        var indexes = new SpaceIndexes(_source, catalog, embedder.Space, new IndexOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        return new Tagger(catalog, indexes, embedder, _device);
    }

    private async Task<MeasureJob> RunAsync(IEmbedder embedder, bool clip = true)
    {
        var job = new MeasureJob(new DatasetMeasurer(embedder, _device, TimeProvider.System), Tagger(embedder), TimeProvider.System);
        var arguments = JsonSerializer.Serialize(new MeasureRequest(1, _fixture.Dataset.Folder, clip), JsonSerializerOptions.Web);
        await job.RunAsync(new Job(new JobId(1), MeasureRequest.Kind, arguments, JobState.Running, JobProgress.None, null, null, false, default, null, null), default);
        return job;
    }

    /// <summary>The device boundary: batches of images above a size, and pictures of one width, do not fit.</summary>
    private sealed class SmallDevice(int mostImages, int neverFits) : IEmbedder
    {
        private readonly PointEmbedder _inner = new();

        internal string Message { get; init; } = "CUDA out of memory. Tried to allocate 2.00 GiB";

        public EmbeddingSpace Space => _inner.Space;

        public int ImageSize => _inner.ImageSize;

        public Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken) =>
            images.Count > mostImages || images.Any(i => i.Width == neverFits) ? throw new ExternalException(Message) : _inner.EmbedImages(images, cancellationToken);

        public Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken) => _inner.EmbedTexts(texts, cancellationToken);

        public int CountTokens(string text) => _inner.CountTokens(text);

        public void Dispose() => _inner.Dispose();
    }

    /// <summary>Texts about writing mean red.</summary>
    private sealed class RedWriting : IEmbedder
    {
        private static readonly string[] Writing = ["printed text", "document", "of text", "with text", "words", "handwriting", "letters"];

        // So many dimensions that texts about other things are far from red.
        private readonly PointEmbedder _inner = new() { Space = new EmbeddingSpace("point", new string('0', 64), 32) };

        public EmbeddingSpace Space => _inner.Space;

        public int ImageSize => _inner.ImageSize;

        public Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken) => _inner.EmbedImages(images, cancellationToken);

        public Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken) => _inner.EmbedTexts(
            [.. texts.Select(t => Array.Exists(Writing, w => t.Contains(w, StringComparison.Ordinal)) ? "red" : t)], cancellationToken);

        public int CountTokens(string text) => _inner.CountTokens(text);

        public void Dispose() => _inner.Dispose();
    }
}
