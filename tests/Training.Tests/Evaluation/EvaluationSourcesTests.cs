using Sightline.TestKit;
using Sightline.Training.Data;
using Sightline.Training.Evaluation;
using Sightline.Training.Tests.Data;

namespace Sightline.Training.Tests.Evaluation;

public sealed class EvaluationSourcesTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("colours")]
    [InlineData("colours/labels.tsv")]
    public void A_folder_is_read_by_its_table(string path)
    {
        ColourFolder.Write(_folder.PathOf("colours"), 4, captions: false);
        var stages = new List<EvaluationProgress>();

        using (var data = Open(EvaluationSources.OfPath(_folder.PathOf(path), null), 12, stages))
        {
            Assert.Equal((4, 0), (data.Count, data.LeftOut.Count));
            Assert.Equal(["blue", "green", "red"], data.Pictures.Labels);
            Assert.Equal("blue", data.Pictures.Labels[data.Pictures[2].Label]);
            Assert.Equal(ColourFolder.Draw(2).Pixels, PictureBatches.Read(data.Pictures, 2).Pixels);
        }

        Assert.Contains(stages, s => s.Stage.StartsWith("packing ", StringComparison.Ordinal) && s.Done == s.Total);
        File.Delete(_folder.PathOf("colours", "0001.png"));
        using var less = Open(EvaluationSources.OfPath(_folder.PathOf(path), null), 12);
        Assert.Equal(3, less.Count);
        Assert.Contains(" 1; ", Assert.Single(less.LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zips_table_tells_languages_and_splits_and_where_the_pictures_are()
    {
        _folder.AddZip("z.zip",
            ("captions.tsv", DataFolder.Text("image\tsplit\tlang\tcaption\na.png\tval\ten\tone\na.png\tval\tde\teins\nb.png\ttrain\ten\ttwo\n")),
            ("images/a.png", DataFolder.Png(1)), ("images/b.png", DataFolder.Png(2)));

        using var data = Open(EvaluationSources.OfPath(_folder.PathOf("z.zip"), "val"));

        var captions = Assert.Single(DataFolder.All(data.Pictures)).Captions;
        Assert.Equal([new TrainingCaption("one", "en"), new TrainingCaption("eins", "de")], captions);
        using var all = Open(EvaluationSources.OfPath(_folder.PathOf("z.zip"), null));
        Assert.Equal(2, all.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Folders_are_classes_with_the_names_that_a_table_gives_them(bool isZip)
    {
        (string Name, byte[] Bytes)[] files =
        [
            ("classes.tsv", DataFolder.Text("n1\ttench\nn2\tgolf ball\n")), ("train/n2/b.png", DataFolder.Png(2)),
            ("train/n1/a.png", DataFolder.Png(1)), ("val/n1/c.png", DataFolder.Png(3)),
        ];
        if (isZip)
        {
            _folder.AddZip("set.zip", files);
        }
        else
        {
            Array.ForEach(files, f => _folder.AddFile($"set/{f.Name}", f.Bytes));
        }

        var path = _folder.PathOf(isZip ? "set.zip" : "set");
        using var data = Open(EvaluationSources.OfPath(path, "train"));
        Assert.Equal(["tench", "golf ball"], data.Pictures.Labels);
        Assert.Equal([0, 1], DataFolder.All(data.Pictures).Select(s => s.Label));
        using var all = Open(EvaluationSources.OfPath(path, null));
        Assert.Equal(3, all.Count);
        var e = Assert.Throws<TrainingDataException>(() => EvaluationSources.OfPath(path, "test"));
        Assert.Contains("tells the split test", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_curation_imports_is_read_as_it_is()
    {
        _folder.AddPictures(2, "plain");
        _folder.AddPictures(2, "gallery");
        _folder.AddText("gallery/metadata.csv", "file_name,text,split\n0.png,nought,val\n1.png,one,train\n");

        using var plain = Open(EvaluationSources.OfPath(_folder.PathOf("plain"), null));
        using var gallery = Open(EvaluationSources.OfPath(_folder.PathOf("gallery"), "val"));

        Assert.Equal(["picture 0", "picture 1"], DataFolder.All(plain.Pictures).Select(DataFolder.Captions));
        Assert.Equal("nought", DataFolder.Captions(Assert.Single(DataFolder.All(gallery.Pictures))));
    }

    [Theory]
    [InlineData("nowhere.zip", "is not there")]
    [InlineData("nowhere", "--on: ")]
    [InlineData("empty", "--on: ")]
    public void What_cannot_be_read_is_named(string path, string message)
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));

        var e = Assert.Throws<TrainingDataException>(() => Open(EvaluationSources.OfPath(_folder.PathOf(path), null)));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_lists_sources_and_says_how_they_are_packed()
    {
        _folder.AddPictures(3);
        _folder.AddPictures(2, "test");
        var config = _folder.AddText("eval.yaml", "data: [{path: pictures}]\nvalidation: [{path: test}]\npack: {fit: squash, scale: 2}\n");
        var sources = EvaluationSources.OfProbeConfig(config);

        using var data = Open(sources, 16);
        using var test = sources.OpenTest(16, _folder.PathOf("cache"), null, CancellationToken.None);

        Assert.Equal((3, 2, 16), (data.Count, test!.Count, data.Pictures.Side));
        Assert.Null(EvaluationSources.OfPath(_folder.PathOf("pictures"), null).OpenTest(16, _folder.PathOf("cache"), null, CancellationToken.None));
    }

    [Theory]
    [InlineData("data: []", "data is needed")]
    [InlineData("pack: {fit: crop}", "data is needed")]
    [InlineData("data: [{path: pictures}]\nvalidation: [{path: pictures}]", "validation is unknown here")]
    [InlineData("data: [{path: pictures, tabel: x}]", "data[0].tabel is unknown here")]
    [InlineData("data: [{path: pictures}]\npack: {fit: stretch}", "pack.fit is one of")]
    [InlineData("data: [{path: pictures}]\npack: {input: 32}", "pack.input is 32, and the model's input is 16")]
    public void A_wrong_setting_is_named(string config, string message)
    {
        _folder.AddPictures(1);
        var path = _folder.AddText("eval.yaml", config);

        var e = Assert.Throws<TrainingConfigException>(() => Open(EvaluationSources.OfConfig(path)));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    private EvaluationData Open(EvaluationSources sources, int side = 16, List<EvaluationProgress>? stages = null) =>
        sources.Open(side, _folder.PathOf("cache"), stages is null ? null : new Stages(stages), CancellationToken.None);

    private sealed class Stages(List<EvaluationProgress> seen) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => seen.Add(value);
    }
}
