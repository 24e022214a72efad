using System.Text;
using Sightline.Curation.Import;
using Sightline.Curation.Parquet;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_have_their_captions_beside_them()
    {
        Write("a.jpg");
        Write("a.txt", "a dog\nand a cat \n");
        Write("b.x.PNG");
        Write("b.x.caption", "a bird");
        Write("b.x.json", """{"width":640,"height":480,"url":"http://a/b"}""");
        Write("c.webp");
        Write("d.txt", "no image");
        Write("e.jpg");
        Write("e.txt", "");
        File.WriteAllBytes(_folder.PathOf("f.jpg"), Shards.Jpeg());
        File.WriteAllBytes(_folder.PathOf("f.txt"), [0xC3, 0x28]);
        Write("sub/a.jpg");
        Write("sub/a.txt", "below");
        Write(".trash/z.jpg");

        var source = PairSources.Open(new PairSourceRequest(_folder.Path));
        var read = Collected.From(source);
        var all = Collected.From(new PairSourceRequest(_folder.Path) { KeepUncaptioned = true });

        Assert.Equal(("folder", 2), (source.Format, source.Files.Count));
        Assert.Equal(
            [
                new ReadPair("a", "a dog\nand a cat", _folder.PathOf("a.jpg"), "", "", "", 0, 0, float.NaN),
                new ReadPair("b.x", "a bird", _folder.PathOf("b.x.PNG"), "http://a/b", "", "", 640, 480, float.NaN),
                new ReadPair("sub/a", "below", _folder.PathOf("sub", "a.jpg"), "", "", "", 0, 0, float.NaN),
            ],
            read.Pairs);
        Assert.Equal("c.webp: no_caption; d.txt: no_image; e.jpg: no_caption; f.jpg: not_utf8", read.Reasons);
        Assert.Equal(("a dog\nand a cat|a bird|||below", "d.txt: no_image; f.jpg: not_utf8"), (all.Captions, all.Reasons));
    }

    [Fact]
    public void Links_that_lead_out_of_the_folder_are_faults_and_not_followed()
    {
        using var outside = new TemporaryFolder();
        File.WriteAllBytes(outside.PathOf("x.jpg"), Shards.Jpeg());
        File.WriteAllText(outside.PathOf("x.txt"), "secret");
        Write("a.jpg");
        Write("a.txt", "a dog");
        File.CreateSymbolicLink(_folder.PathOf("aa.txt"), "a.txt");
        Write("aa.jpg");
        File.CreateSymbolicLink(_folder.PathOf("b.jpg"), _folder.PathOf("a.jpg"));
        Write("b.txt", "the same dog");
        File.CreateSymbolicLink(_folder.PathOf("c.jpg"), outside.PathOf("x.jpg"));
        File.CreateSymbolicLink(_folder.PathOf("d.txt"), outside.PathOf("x.txt"));
        Write("d.jpg");
        File.CreateSymbolicLink(_folder.PathOf("e"), outside.Path);
        File.CreateSymbolicLink(_folder.PathOf("f.jpg"), _folder.PathOf("none"));
        File.CreateSymbolicLink(_folder.PathOf("g.jpg"), _folder.PathOf("g.jpg"));
        File.CreateSymbolicLink(_folder.PathOf("h"), _folder.Path);
        File.CreateSymbolicLink(_folder.PathOf("i.jpg"), "e/x.jpg");

        var read = Collected.From(_folder.Path);

        Assert.Equal("a dog|a dog|the same dog", read.Captions);
        Assert.Equal(
            "c.jpg: link_outside; d.jpg: no_caption; d.txt: link_outside; e: link_outside; f.jpg: broken_link; g.jpg: symlink_loop; i.jpg: link_outside",
            read.Reasons);
    }

    [Theory]
    [InlineData("metadata.csv", "file_name,text,label\n0.jpg,a dog,1\nsub/1.jpg,a cat,2\nnone.jpg,gone,3\n../0.jpg,out,4\n", "1", "line 4: image_missing; line 5: image_outside")]
    [InlineData("metadata.jsonl", "{\"file_name\":\"0.jpg\",\"text\":\"a dog\",\"label\":1}\n{\"file_name\":\"sub/1.jpg\",\"text\":\"a cat\"}\noops\n", "1", "line 3: bad_json")]
    public void An_imagefolder_has_metadata_in_each_split(string name, string content, string label, string reasons)
    {
        Write("train/0.jpg");
        Write("train/sub/1.jpg");
        Write("0.jpg");
        Write("train/" + name, content);

        var source = PairSources.Open(new PairSourceRequest(_folder.Path));
        var read = Collected.From(source);

        Assert.Equal("imagefolder", source.Format);
        Assert.Equal([("0.jpg", "a dog", _folder.PathOf("train", "0.jpg")), ("sub/1.jpg", "a cat", _folder.PathOf("train", "sub", "1.jpg"))],
            read.Pairs.Select(p => (p.Key, p.Caption, p.Image)));
        Assert.Contains(label, read.Pairs[0].Extra, StringComparison.Ordinal);
        Assert.Equal(reasons, read.Reasons);
    }

    [Fact]
    public void Splits_may_have_metadata_of_several_kinds()
    {
        Write("train/0.jpg");
        Write("test/0.jpg");
        Write("train/metadata.csv", "file_name,text\n0.jpg,a dog\n");
        using (var file = File.Create(_folder.PathOf("test", "metadata.parquet")))
        using (var writer = new ParquetWriter(file, [new("file_name", ParquetType.Text), new("caption", ParquetType.Text)]))
        {
            writer.Set(0, "0.jpg");
            writer.Set(1, "a cat");
            writer.EndRow();
            writer.Finish();
        }

        var read = Collected.From(_folder.Path);

        Assert.Equal(["test/0.jpg a cat", "train/0.jpg a dog"], read.Pairs.Select(p => $"{p.Key} {p.Caption}"));
    }

    [Fact]
    public void An_imagefolder_without_file_names_is_told()
    {
        Write("0.jpg");
        Write("metadata.csv", "image,text\n0.jpg,a dog\n");

        var fault = Assert.Throws<PairSourceException>(() => PairSources.Open(new PairSourceRequest(_folder.Path)));

        Assert.Contains("has no column file_name, which is to be the image; it has image, text.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_img2dataset_writes_is_read_with_its_failures()
    {
        Shards.Write(_folder.PathOf("00000.tar"), ("000000000.jpg", "x"), ("000000000.txt", "a dog"), ("000000000.json", """{"key":"000000000","url":"http://a/0","sha256":null}"""));
        WriteStatuses("00000.parquet", ("000000000", "success", null), ("000000001", "failed_to_download", "HTTP Error 404"), ("000000002", "failed_to_resize", null));
        Write("00000_stats.json", "{}");
        Write("00001/000010000.jpg");
        Write("00001/000010000.txt", "a cat");
        Write("00001/000010000.json", """{"key":"000010000","width":256,"original_width":500}""");
        WriteStatuses("00001.parquet", ("000010000", "success", null), ("000010001", "failed_to_download", "timed out"));
        WriteStatuses("00002.parquet", ("000020000", "success", null));
        Shards.Write(_folder.PathOf("00003.tar"), ("000030000.jpg", "x"), ("000030000.txt", "a bird"));
        File.WriteAllText(_folder.PathOf("00003.parquet"), "cut short");

        var source = PairSources.Open(new PairSourceRequest(_folder.Path));
        var read = new Collected();
        foreach (var file in source.Files.Where(f => !f.EndsWith("00002.parquet", StringComparison.Ordinal)))
        {
            source.Read(file, read, CancellationToken.None);
        }

        Assert.Equal("img2dataset", source.Format);
        Assert.Equal(["00000.tar", "00001", "00002.parquet", "00003.tar"], source.Files.Select(Path.GetFileName));
        Assert.Equal(["000000000 a dog 0", "000010000 a cat 500", "000030000 a bird 0"], read.Pairs.Select(p => $"{p.Key} {p.Caption} {p.Width}"));
        Assert.Equal(
            "000000001: failed_to_download; 000000002: failed_to_resize; 000010001: failed_to_download; 00003.parquet: damaged", read.Reasons);
        Assert.Contains("HTTP Error 404", read.Faults[0].Detail, StringComparison.Ordinal);
        var lost = Assert.Throws<PairSourceException>(() => source.Read(source.Files[2], read, CancellationToken.None));
        Assert.Contains("has neither 00002.tar nor a folder", lost.Message, StringComparison.Ordinal);
    }

    private void WriteStatuses(string name, params (string Key, string Status, string? Message)[] rows)
    {
        using var file = File.Create(_folder.PathOf(name));
        using var writer = new ParquetWriter(
            file, [new("url", ParquetType.Text), new("key", ParquetType.Text), new("status", ParquetType.Text), new("error_message", ParquetType.Text)]);
        foreach (var (key, status, message) in rows)
        {
            writer.Set(0, "http://a/" + key);
            writer.Set(1, key);
            writer.Set(2, status);
            writer.Set(3, message);
            writer.EndRow();
        }

        writer.Finish();
    }

    private void Write(string name, string? text = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
        File.WriteAllBytes(_folder.PathOf(name), text is null ? Shards.Jpeg() : Encoding.UTF8.GetBytes(text));
    }
}
