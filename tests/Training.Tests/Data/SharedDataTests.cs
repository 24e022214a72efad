using Sightline.TestKit;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

/// <summary>Configurations of the reference data, which stand as examples too.</summary>
public sealed class SharedDataTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact]
    public void Flickr8k_has_its_captions_in_five_languages()
    {
        var train = Read("""
            {"path": "flickr8k.zip", "table": "captions.tsv", "images": "images", "columns": {"language": "lang"},
             "where": {"split": "train"}}
            """);
        var validation = Read("""
            {"path": "flickr8k.zip", "table": "captions.tsv", "images": "images", "columns": {"language": "lang"},
             "where": {"split": "val"}}
            """);

        Assert.Equal((6091, 1000), (train.Pictures.Count, validation.Pictures.Count));
        Assert.Empty(train.Pictures.Select(p => p.Key).Intersect(validation.Pictures.Select(p => p.Key)));
        Assert.Equal(["cs", "de", "en", "fr", "zh"], train.Pictures.SelectMany(p => p.Captions).Select(c => c.Language).Distinct().Order());
        Assert.Equal("A child in a pink dress is climbing up a set of stairs in an entry way .", train.Pictures[0].Captions[0].Text);
        Assert.Empty(train.Faults.Counts);
    }

    [SharedFact]
    public void Imagenette_has_captions_by_templates_and_holds_a_tenth_out()
    {
        var classes = Read("""
            {"path": "imagenette.zip", "images": "train", "label": "folder", "classes": {"table": "classes.tsv"},
             "captions": ["a photo of a {label}", "a {label}"], "language": "en"}
            """);

        Assert.Equal((9469, 10, "tench"), (classes.Pictures.Count, classes.Labels.Count, classes.Labels[0]));
        Assert.Equal(new TrainingCaption("a photo of a tench", "en"), classes.Pictures[0].Captions[0]);
        Assert.All(
            classes.Pictures.GroupBy(p => p.Label),
            g => Assert.InRange(g.Count(p => Holdout.Contains(p.Key, 0.1)) / (double)g.Count(), 0.06, 0.14));
    }

    [SharedFact]
    public void Objects_have_classes_or_captions()
    {
        var classes = Read("""
            {"path": "objects.zip", "table": "labels.tsv", "columns": {"image": "path", "label": "label"},
             "where": {"source": ["caltech101", "tiny_imagenet", "scenes", "sports", "grocery", "clothing", "cats"]},
             "captions": ["a photo of a {label}"], "language": "en"}
            """);
        var captions = Read("""
            {"path": "objects.zip", "table": "labels.tsv", "columns": {"image": "path", "caption": "label"}, "separator": " | ",
             "where": {"source": ["coco_mini", "coco_val2014"]}, "language": "en"}
            """);

        Assert.Equal(5196 + 12214 + 1500 + 1430 + 1120 + 700 + 100, classes.Pictures.Count);
        Assert.Equal("a photo of a accordion", classes.Pictures.First(p => p.Label == "accordion").Captions[0].Text);
        Assert.Equal(245, captions.Pictures.Count);
        Assert.True(captions.Pictures.Average(p => p.Captions.Count) > 4);
    }

    [SharedFact]
    public void Emoji_are_packed_over_white_with_names_and_keywords()
    {
        const string Source = """
            {"path": "emoji.zip", "table": "index.tsv", "separator": "|", "languages": ["ru", "en"],
             "where": {"char": ["🐶", "🐱", "🍎"]},
             "columns": {"image": "{set}_128/{file}", "caption": ["name", "keywords"], "language": "lang"}}
            """;
        using var data = Pack(Source);

        Assert.Equal(6, data.Count);
        Assert.Contains("морда собаки", DataFolder.All(data).SelectMany(s => s.Captions).Select(c => c.Text));
        for (var i = 0; i < data.Count; i++)
        {
            // Corners of all emoji are transparent.
            Assert.Equal([255, 255, 255], new[] { 0, 256, 512 }.Select(p => (int)DataFolder.Pixels(data, i)[p]));
        }
    }

    private PackedPictures Pack(string json) => _folder.Cache().Open(Source(json), new PackOptions(16), CancellationToken.None).Pictures;

    private static SourceContents Read(string json)
    {
        using var source = PictureSource.Open(Source(json), CancellationToken.None);
        return source.Contents;
    }

    private static SourceConfig Source(string json) =>
        Assert.Single(TrainingSet.Read(DataFolder.Config($$"""{"data": [{{json}}]}"""), "data", SharedData.PathOf("data")));
}
