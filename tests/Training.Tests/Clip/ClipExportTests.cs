using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.TestKit;
using Sightline.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

public sealed class ClipExportTests : IDisposable
{
    private readonly TinyClip _tiny = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _tiny.Dispose();
    }

    [Theory]
    [InlineData(TinyClip.Vit, "fp32", 1e-5)]
    [InlineData(TinyClip.ResNet, "fp32", 1e-5)]
    [InlineData(TinyClip.ResNet, "fp16", 2e-3)]
    [InlineData(TinyClip.Vit, "bf16", 2e-2)]
    public void What_is_exported_embeds_as_the_task_itself_does(string tower, string type, double tolerance)
    {
        var folder = _tiny.Folder("model");
        using var validation = Validation();
        using var task = TinyClip.Trainer(_tiny.Settings(tower, export: type), validation: validation);
        using var source = new RepeatedBatch(() => TinyClip.AllColours());
        TinyClip.Train(task, source, 8, 0.003);
        task.Validate(CancellationToken.None);
        task.Export(folder, TinyClip.Weights(task));

        var catalog = new ModelCatalog(_tiny.Folder("bundled"), _tiny.Folder("user"));
        Assert.Equal(["en"], catalog.Add(folder, "tiny").Card!.Languages);
        using var embedder = ClipEmbedder.Load(catalog.Resolve("tiny"), new ComputeOptions("cpu", "fp32"));
        var images = embedder.EmbedImages([.. Enumerable.Range(0, 8).Select(Picture)], CancellationToken.None);
        var texts = embedder.EmbedTexts([.. TinyClip.Colours.Select(c => $"a picture in {c}")], CancellationToken.None);
        AssertClose(task.EmbedPixels([.. Enumerable.Range(0, 8).SelectMany(i => TinyClip.Pixels(i, 32))], 8), images, tolerance);
        AssertClose(task.EmbedCaptions([.. TinyClip.Colours.Select(c => $"a picture in {c}")]), texts, tolerance);
    }

    [Theory]
    [InlineData(TinyClip.Vit)]
    [InlineData(TinyClip.ResNet)]
    public void Training_on_begins_at_the_loss_where_it_was_left(string tower)
    {
        var folder = _tiny.Folder("model");
        using var batch = TinyClip.AllColours();
        double left;
        using (var task = TinyClip.Trainer(_tiny.Settings(tower)))
        {
            using var source = new RepeatedBatch(() => TinyClip.AllColours());
            TinyClip.Train(task, source, 8, 0.003);
            left = TinyClip.Backward(task, batch)["loss"];
            task.Export(folder, TinyClip.Weights(task));
        }

        using var again = TinyClip.Trainer(TinyClip.From(folder));
        Assert.Equal(left, TinyClip.Backward(again, batch)["loss"], 4);
    }

    [Theory]
    [InlineData(TinyClip.Vit, 48)]
    [InlineData(TinyClip.ResNet, 64)]
    public void A_model_is_trained_on_for_pictures_of_another_size(string tower, int size)
    {
        var (folder, resized) = (_tiny.Folder("model"), _tiny.Folder("resized"));
        using (var task = TinyClip.Trainer(_tiny.Settings(tower)))
        {
            task.Export(folder, TinyClip.Weights(task));
        }

        using var larger = TinyClip.Trainer(TinyClip.From(folder, $"\"size\": {size}"));
        using var batch = TinyClip.AllColours(size);
        Assert.True(double.IsFinite(TinyClip.Backward(larger, batch)["loss"]));
        using var wrong = TinyClip.AllColours(32);
        Assert.Throws<TrainingConfigException>(() => TinyClip.Backward(larger, wrong));
        larger.Export(resized, TinyClip.Weights(larger));
        using var embedder = ClipEmbedder.Load(resized, new ComputeOptions("cpu", "fp32"));
        Assert.Equal(size, embedder.ImageSize);
    }

    [Fact]
    public void The_bundled_model_is_trained_on()
    {
        var bundled = Path.Combine(Repository.Root, "models", ModelCatalog.Default);
        var folder = _tiny.Folder("model");
        using var task = TinyClip.Trainer(TinyClip.From(bundled, "\"freeze\": [\"image\", \"text\", \"temperature\"]"));
        using var batch = TinyClip.AllColours(64);
        Assert.Empty(task.Parameters);
        Assert.True(double.IsFinite(TinyClip.Backward(task, batch)["loss"]));
        task.Export(folder, TinyClip.Weights(task));

        // Nothing was trained, so it is the same model: the same space.
        using var before = ClipEmbedder.Load(bundled, new ComputeOptions("cpu", "fp32"));
        using var after = ClipEmbedder.Load(folder, new ComputeOptions("cpu", "fp32"));
        string[] texts = ["two dogs run", "ein rotes Auto"];
        float[] expected = [.. before.EmbedTexts(texts, CancellationToken.None).SelectMany(e => e.Values.ToArray())];
        AssertClose(expected, after.EmbedTexts(texts, CancellationToken.None), 1e-6);
        var shards = Directory.GetFiles(folder, "model-0000*");
        Assert.Equal(3, shards.Length);
        Assert.All(shards, shard => Assert.InRange(new FileInfo(shard).Length, 1, (16 << 20) + 100_000));
    }

    [Fact]
    public void Validation_measures_every_language_and_the_labels()
    {
        using var validation = new PicturesInMemory(
            32,
            [.. Enumerable.Range(0, 8).Select(i => new TrainingSample($"{i}", Captions(i), i % 2, 0))], "red", "green");
        using var task = TinyClip.Trainer(_tiny.Settings(), validation: validation);
        using var source = new RepeatedBatch(() => TinyClip.AllColours());
        TinyClip.Train(task, source, 120, 0.005);
        var (figures, score) = task.Validate(CancellationToken.None);

        Assert.Equal(1, figures["text_to_image_recall_at_1_en"]);
        Assert.Equal(1, figures["image_to_text_recall_at_1_en"]);
        Assert.Equal(1, figures["text_to_image_recall_at_5_und"]);
        Assert.InRange(figures["accuracy"], 0.0, 1.0);
        Assert.Equal(score, (figures["text_to_image_recall_at_10_en"] + figures["text_to_image_recall_at_10_und"]) / 2);
    }

    [Theory]
    [InlineData("""{"model": {"tokenizer": "/nowhere"}}""", "model.tokenizer has no vocab.json and merges.txt in it: /nowhere.")]
    [InlineData("""{"model": {"tokenizer": "HERE", "size": 60}}""", "model.size is a multiple of 32; 60 is not.")]
    [InlineData("""{"model": {"tokenizer": "HERE", "image": {"tower": "resnet", "layers": [1, 2]}}}""",
        "model.image.layers is a list of four numbers of blocks, such as [3, 4, 6, 3], not [1, 2].")]
    [InlineData("""{"model": {"tokenizer": "HERE", "text": {"width": 100, "heads": 3}}}""",
        "model.text.heads divides the width of 100; 3 does not.")]
    [InlineData("""{"model": {"tokenizer": "HERE", "freeze": ["image", "eyes"]}}""",
        "model.freeze is a list of image, text and temperature, not eyes.")]
    public void What_cannot_be_is_named(string config, string message) => Assert.Equal(message, Assert.Throws<TrainingConfigException>(
        () => TinyClip.Read(config.Replace("HERE", _tiny.Tokenizer, StringComparison.Ordinal))).Message);

    // Every picture has a caption in English; three have another of which nobody said the language.
    private static TrainingCaption[] Captions(int picture)
    {
        var colour = TinyClip.Colours[picture];
        TrainingCaption english = new($"a picture in {colour}", "en");
        return picture < 3 ? [english, new(colour, "")] : [english];
    }

    private static PicturesInMemory Validation() => new(32, [.. Enumerable.Range(0, 8).Select(i =>
        new TrainingSample($"{i}", [new($"a picture in {TinyClip.Colours[i]}", "en")], -1, 0))]);

    private static RgbImage Picture(int sample)
    {
        var planes = TinyClip.Pixels(sample, 32);
        var pixels = new byte[planes.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = planes[i % 3 * 32 * 32 + i / 3];
        }

        return new RgbImage(32, 32, pixels);
    }

    private static void AssertClose(float[] expected, Embedding[] actual, double tolerance)
    {
        float[] values = [.. actual.SelectMany(e => e.Values.ToArray())];
        Assert.Equal(expected.Length, values.Length);
        Assert.InRange(expected.Zip(values, (a, b) => Math.Abs(a - b)).Max(), 0, tolerance);
    }
}
