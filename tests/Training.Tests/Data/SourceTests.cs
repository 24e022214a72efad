using System.Text.Json;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

public sealed class SourceTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Captions_of_a_table_join_at_their_picture()
    {
        _folder.AddFile("a.png", DataFolder.Png(1));
        _folder.AddFile("b.png", DataFolder.Png(2));
        _folder.AddText("t.csv", """
            image,caption,lang,part
            a.png,one,en,train
            b.png,two,en,val
            a.png,eins,de,train
            a.png,one,en,train
            a.png,un,fr,train
            """);

        using var data = _folder.Pack(
            """{"path": "t.csv", "columns": {"language": "lang"}, "where": {"part": "train"}, "languages": ["en", "de"]}""");

        var sample = Assert.Single(DataFolder.All(data));
        Assert.Equal([new TrainingCaption("one", "en"), new TrainingCaption("eins", "de")], sample.Captions);
        Assert.Equal("a.png", sample.Key);
    }

    [Fact]
    public void A_column_that_nothing_has_is_named_with_those_that_are_there()
    {
        _folder.AddFile("a.png", DataFolder.Png(1));
        _folder.AddText("t.csv", "image,caption,lang\na.png,one,en\n");
        _folder.AddZip("z.zip", ("t.tsv", DataFolder.Text("image\tlang\na.png\ten\n")), ("a.png", DataFolder.Png(1)));

        var table = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "t.csv", "where": {"split": "train"}}"""));
        var zip = Assert.Throws<TrainingDataException>(
            () => _folder.Pack("""{"path": "z.zip", "table": "t.tsv", "where": {"split": "train"}}"""));
        var caption = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "t.csv", "columns": {"caption": "text"}}"""));

        Assert.Equal($"data[0]: {_folder.PathOf("t.csv")} has no column split; it has caption, key, lang.", table.Message);
        Assert.Equal("data[0]: t.tsv has no column split; it has image, lang.", zip.Message);
        Assert.Contains("has no column text, which is to be the caption", caption.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_is_read_by_its_table()
    {
        _folder.AddZip("z.zip",
            ("index.tsv", DataFolder.Text(string.Join(
                '\n', "set\tfile\tlang\tname\tkeywords", "x\ta.png\ten\ta \"dog\"\tpet|dog | a \"dog\"", "x\ta.png\tde\tHund\t",
                "y\ta.png\ten\tcat\tcat", "x\tc.png\ten\tlost\t", "x"))),
            ("x_8/a.png", DataFolder.Png(1)), ("y_8/a.png", DataFolder.Png(2)));

        using var data = _folder.Pack("""
            {"path": "z.zip", "table": "index.tsv", "separator": "|", "captions": ["a picture of {name}"],
             "columns": {"image": "{set}_8/{file}", "caption": ["name", "keywords"], "language": "lang"}}
            """, out var report);

        Assert.Equal(["x_8/a.png", "y_8/a.png"], DataFolder.All(data).Select(s => s.Key));
        Assert.Equal(
            ["a \"dog\" / pet / dog / a picture of a \"dog\" / Hund / a picture of Hund", "cat / a picture of cat"],
            DataFolder.All(data).Select(DataFolder.Captions));
        Assert.Equal(["image_missing", "wrong_columns"], report.Faults.Keys);
        Assert.Equal("The zip has no member \"x_8/c.png\".", Faults(report)[0].Detail);
    }

    [Fact]
    public void A_row_may_lack_the_last_columns_where_nothing_asks_for_them()
    {
        _folder.AddZip("z.zip",
            ("labels.tsv", DataFolder.Text("path\tlabel\tlicence\na.png\tdog\nb.png\n")), ("a.png", DataFolder.Png(1)), ("b.png", DataFolder.Png(2)));

        using var data = _folder.Pack("""{"path": "z.zip", "table": "labels.tsv", "columns": {"label": "label"}}""", out var report);

        Assert.Equal("a.png", Assert.Single(DataFolder.All(data)).Key);
        Assert.Equal(["wrong_columns"], report.Faults.Keys);
    }

    [Fact]
    public void Folders_are_classes_and_templates_make_captions()
    {
        _folder.AddZip("z.zip",
            ("classes.tsv", DataFolder.Text("n1\ttench\nn2\tgolf ball\n")), ("train/n2/b.png", DataFolder.Png(2)),
            ("train/n1/a.png", DataFolder.Png(1)), ("train/n3/c.png", DataFolder.Png(3)), ("other/n1/d.png", DataFolder.Png(4)));

        using var data = _folder.Pack("""
            {"path": "z.zip", "images": "train", "label": "folder", "classes": {"table": "classes.tsv"},
             "captions": ["a photo of a {label}", "{{{label}}}"], "language": "en"}
            """, out var report);

        Assert.Equal(["tench", "golf ball"], data.Labels);
        Assert.Equal([("n1/a.png", 0), ("n2/b.png", 1)], DataFolder.All(data).Select(s => (s.Key, s.Label)));
        Assert.Equal([new TrainingCaption("a photo of a golf ball", "en"), new TrainingCaption("{golf ball}", "en")], data[1].Captions);
        Assert.Equal(1, Assert.Single(report.Faults, f => f.Key == "unknown_class").Value);
    }

    [Fact]
    public void A_folder_of_folders_needs_no_captions()
    {
        _folder.AddFile("set/cat/1.png", DataFolder.Png(1));
        _folder.AddFile("set/dog/2.png", DataFolder.Png(2));
        _folder.AddFile("set/dog/1.png", DataFolder.Png(3));

        using var data = _folder.Pack("""{"path": "set", "label": "folder"}""", out var report);

        Assert.Equal(["cat", "dog"], data.Labels);
        Assert.Equal([("cat/1.png", 0), ("dog/1.png", 1), ("dog/2.png", 1)], DataFolder.All(data).Select(s => (s.Key, s.Label)));
        Assert.All(DataFolder.All(data), s => Assert.Empty(s.Captions));
        Assert.Equal((3, 0, 3), (report.Pictures, (int)report.Captions, report.Uncaptioned));
    }

    [Fact]
    public void Empty_captions_are_none()
    {
        _folder.AddFile("a.png", DataFolder.Png(1));
        _folder.AddText("t.csv", "image,caption\na.png,\na.png,  \n");

        using var data = _folder.Pack("""{"path": "t.csv"}""");

        Assert.Empty(Assert.Single(DataFolder.All(data)).Captions);
    }

    [Fact]
    public void Pictures_of_one_key_are_told_apart()
    {
        _folder.AddZip("z.zip",
            ("t.tsv", DataFolder.Text("id\tfile\ttext\n7\ta.png\tone\n7\tb.png\ttwo\n7\ta.png\tthree\n")),
            ("a.png", DataFolder.Png(1)), ("b.png", DataFolder.Png(2)));

        using var data = _folder.Pack("""{"path": "z.zip", "table": "t.tsv", "columns": {"key": "id"}}""");

        Assert.Equal([("7", "one / three"), ("7#2", "two")], DataFolder.All(data).Select(s => (s.Key, DataFolder.Captions(s))));
    }

    [Fact]
    public void What_is_still_an_address_is_a_fault()
    {
        _folder.AddText("t.csv", "url,caption\nhttp://a/1.png,one\n");

        var fault = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "t.csv"}"""));

        Assert.Contains("http://a/1.png: download it first", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_of_the_key_holds_pictures_out()
    {
        _folder.AddPictures(60);
        const string Path = "\"path\": \"pictures\", \"holdout\": 0.25";

        using var train = _folder.Pack($$"""{ {{Path}} }""", out var report);
        using var validation = _folder.Pack($$"""{ {{Path}}, "split": "validation"}""", out var other);

        var keys = DataFolder.All(train).Select(s => s.Key).ToList();
        Assert.Equal(60, keys.Concat(DataFolder.All(validation).Select(s => s.Key)).Distinct().Count());
        Assert.Equal((60, report.OtherPart), (train.Count + validation.Count, validation.Count));
        Assert.InRange(validation.Count, 8, 24);

        // SHA-256 of "0.png" begins with 0f25cc56, which is 0.0592 of all: it is so on every machine.
        Assert.Equal((false, true), (Holdout.Contains("0.png", 0.058), Holdout.Contains("0.png", 0.060)));
    }

    [Theory]
    [InlineData("""{"path": "a", "split": "validation"}""", "data[0].split is validation, which asks for the share that is held out,")]
    [InlineData("""{"path": "a", "packed": "b"}""", "data[0].path is needed, or packed, and not both.")]
    [InlineData("""{"path": "a", "colums": {}}""", "data[0].colums is unknown here; there are")]
    [InlineData("""{"path": "a", "columns": {"text": "b"}}""", "data[0].columns.text is no column; there are caption, image,")]
    [InlineData("""{"path": "a", "captions": ["a {label"]}""", "data[0].captions has a brace that is not closed in a {label.")]
    [InlineData("""{"path": "a", "classes": {"table": "b"}}""", "data[0].classes names classes, and nothing tells which a picture has")]
    [InlineData("""{"path": "a", "format": "png"}""", "data[0].format is one of webdataset,")]
    public void Wrong_settings_are_named(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<TrainingConfigException>(() => _folder.Source(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_zip_that_is_none_is_named()
    {
        _folder.AddText("z.zip", "no zip at all");

        var none = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "z.zip"}"""));
        var missing = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "y.zip"}"""));
        Assert.Contains("z.zip is no zip", none.Message, StringComparison.Ordinal);
        Assert.Contains("y.zip is not there", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_the_zip_lacks_is_named_with_those_it_has()
    {
        _folder.AddZip("z.zip", ("labels.tsv", DataFolder.Text("a\tb\n")), ("a.png", DataFolder.Png(1)));

        var fault = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "z.zip", "table": "captions.tsv"}"""));

        Assert.Equal($"data[0]: {_folder.PathOf("z.zip")} has no captions.tsv; it has labels.tsv.", fault.Message);
    }

    private static List<DataFault> Faults(PackReport report) =>
        [.. File.ReadAllLines(Path.Combine(report.Folder, "faults.jsonl")).Select(l => JsonSerializer.Deserialize<DataFault>(l)!)];
}
