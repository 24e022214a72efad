using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class PairSourcesTests : IDisposable
{
    private const string Table = "caption,url\na dog,http://a/1\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_usual_name_is_of_one_column()
    {
        foreach (var column in Enum.GetValues<PairColumn>())
        {
            Assert.All(PairColumns.UsualNames(column), name => Assert.True(PairColumns.TryFind(name.ToUpperInvariant(), out var found, out _) && found == column));
            Assert.True(PairColumns.TryParse(PairColumns.NameOf(column), out var parsed) && parsed == column);
        }

        Assert.False(PairColumns.TryParse("3", out _));
        Assert.False(PairColumns.TryParse("colour", out _));
    }

    [Theory]
    [InlineData("a.csv", Table, "csv")]
    [InlineData("a.tsv", "a dog\thttp://a/1\n", "tsv")]
    [InlineData("a.txt", "a dog\thttp://a/1\n", "tsv")]
    [InlineData("a.txt", "\nhttp://a/1\n", "text")]
    [InlineData("a.json", "[{\"caption\":\"x\",\"url\":\"y\"}]", "jsonl")]
    [InlineData("a.json", "{\"caption\":\"x\",\"url\":\"y\"}", "jsonl")]
    [InlineData("a.json", "{\"images\":[],\"annotations\":[]}", "coco")]
    public void Formats_are_told_from_the_files(string name, string content, string format)
    {
        Write(name, content);

        Assert.Equal(format, Open(name).Format);
        Assert.Equal(format, PairSources.Open(new PairSourceRequest(_folder.Path)).Format);
    }

    [Fact]
    public void Ranges_choices_and_wildcards_stand_for_files_in_order()
    {
        foreach (var name in new[] { "08.csv", "10.csv", "09.csv", "100.csv", "x/1/a.csv", "x/2/b.csv" })
        {
            Write(name, Table);
        }

        string Names(string pattern) => string.Join(' ', Open(pattern).Files.Select(f => Path.GetRelativePath(_folder.Path, f)));

        Assert.Equal("08.csv 09.csv 10.csv", Names("{08..10}.csv"));
        Assert.Equal("10.csv 08.csv", Names("{10,08}.csv"));
        Assert.Equal("100.csv", Names("{100..100}.csv"));
        Assert.Equal("08.csv 09.csv 10.csv", Names("??.csv"));
        Assert.Equal("x/1/a.csv x/2/b.csv", Names("x/*/*.csv"));
        Assert.Equal("x/1/a.csv x/2/b.csv", Names("x"));
        Assert.Equal("x/1/a.csv x/2/b.csv", Names("x/{1/a,2/b}.csv"));
        Assert.Equal(["1/a:0", "2/b:0"], Collected.From(Open("x")).Pairs.Select(p => p.Key));
    }

    [Fact]
    public void A_file_that_is_missing_from_a_range_is_told_when_it_is_read()
    {
        Write("0.csv", Table);
        Write("2.csv", Table);

        var source = Open("{0..2}.csv");
        source.Read(source.Files[2], new Collected(), CancellationToken.None);
        var fault = Assert.Throws<PairSourceException>(() => source.Read(source.Files[1], new Collected(), CancellationToken.None));

        Assert.Contains("1.csv is not there", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none/x.csv", "is not there; FOLDER holds a.csv, b.parquet, c.doc, empty.")]
    [InlineData("{0..3}.tar", "None of the 4 files of FOLDER/{0..3}.tar is there")]
    [InlineData("*.tar", "FOLDER/*.tar is not there")]
    [InlineData("{3..1}.tar", "The range {3..1} goes down")]
    [InlineData("empty", "holds nothing that pairs are read from; it is empty. Formats are webdataset, img2dataset, csv")]
    [InlineData("c.doc", "c.doc is of no format that is known")]
    [InlineData("", "holds tables of several formats, csv and parquet; name the one to read as the format")]
    public void What_cannot_be_opened_is_told_with_what_there_is(string name, string message)
    {
        Write("a.csv", Table);
        Write("b.parquet", "x");
        Write("c.doc", "x");
        Directory.CreateDirectory(_folder.PathOf("empty"));

        var fault = Assert.Throws<PairSourceException>(() => Open(name));

        Assert.Contains(message.Replace("FOLDER", _folder.Path, StringComparison.Ordinal), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Relative_paths_and_unknown_formats_are_told()
    {
        Write("a.csv", Table);

        string Message(PairSourceRequest request) => Assert.Throws<PairSourceException>(() => PairSources.Open(request)).Message;

        Assert.Contains("data/a.csv is a relative path", Message(new PairSourceRequest("data/a.csv")), StringComparison.Ordinal);
        Assert.Contains("The path is empty", Message(new PairSourceRequest("")), StringComparison.Ordinal);
        Assert.Contains("There is no format xls; there are webdataset,", Message(new PairSourceRequest(_folder.Path) { Format = "xls" }), StringComparison.Ordinal);
        Assert.Contains("holds no files of the format parquet; it holds 1 .csv", Message(new PairSourceRequest(_folder.Path) { Format = "parquet" }), StringComparison.Ordinal);
        Assert.Contains("is no folder", Message(new PairSourceRequest(_folder.PathOf("a.csv")) { Format = "folder" }), StringComparison.Ordinal);
        Assert.Contains("is UTF-16", Message(new PairSourceRequest(Write("b.csv", "\ufffe"u8.ToArray(), 0xFF, 0xFE))), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Open("a.csv").Read("/etc/passwd", new Collected(), CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*.csv")]
    public void Tables_that_are_links_out_of_the_folder_are_told_and_not_read(string name)
    {
        using var outside = new TemporaryFolder();
        File.WriteAllText(outside.PathOf("x.csv"), Table);
        Write("a.csv", Table);
        Write("c.csv", Table);
        File.CreateSymbolicLink(_folder.PathOf("b.csv"), outside.PathOf("x.csv"));
        File.CreateSymbolicLink(_folder.PathOf("d.csv"), "a.csv");

        var source = Open(name);
        var fault = Assert.Throws<PairSourceException>(() => source.Read(source.Files[1], new Collected(), CancellationToken.None));
        File.Delete(_folder.PathOf("a.csv"));
        File.Delete(_folder.PathOf("c.csv"));
        File.Delete(_folder.PathOf("d.csv"));
        var none = Assert.Throws<PairSourceException>(() => Open(name));

        Assert.Equal(["a.csv", "b.csv", "c.csv", "d.csv"], source.Files.Select(Path.GetFileName));
        Assert.Contains($"b.csv is not read: The link leads to {outside.PathOf("x.csv")}, outside", fault.Message, StringComparison.Ordinal);
        Assert.Contains(name.Length == 0 ? "b.csv is not read: The link leads to" : "links that lead out", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_that_was_asked_for_goes_before_the_ending()
    {
        Write("captions.data", "a dog\thttp://a/1\n");

        Assert.Equal("a dog", Collected.From(new PairSourceRequest(_folder.PathOf("captions.data")) { Format = "tsv" }).Captions);
    }

    [Fact]
    public void A_list_of_addresses_has_pairs_without_captions()
    {
        Write("urls.txt", "http://a/1\n\n  https://a/2\r\nftp://a/3\n");

        var read = Collected.From(_folder.PathOf("urls.txt"));

        Assert.Equal(["http://a/1", "https://a/2"], read.Pairs.Select(p => p.Url));
        Assert.Equal(("|", "line 4: no_address"), (read.Captions, read.Reasons));
    }

    [Fact]
    public void What_the_sink_throws_goes_through()
    {
        Write("a.csv", Table);
        Write("a.jsonl", """{"caption":"x","url":"y"}""");
        Shards.Write(_folder.PathOf("a.tar"), ("1.jpg", "x"), ("1.txt", "one"));

        foreach (var name in new[] { "a.csv", "a.jsonl", "a.tar" })
        {
            var source = Open(name);
            var fault = Assert.Throws<IOException>(() => source.Read(source.Files[0], new FullDisk(), CancellationToken.None));
            Assert.Equal("the disk is full", fault.Message);
        }
    }

    private IPairSource Open(string name) => PairSources.Open(new PairSourceRequest(_folder.PathOf(name).TrimEnd('/')));

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
        File.WriteAllText(_folder.PathOf(name), content);
    }

    private string Write(string name, byte[] rest, params byte[] start)
    {
        File.WriteAllBytes(_folder.PathOf(name), [.. start, .. rest]);
        return _folder.PathOf(name);
    }

    private sealed class FullDisk : PairSink
    {
        public override void Add(in NewPair pair) => throw new IOException("the disk is full");

        public override void Fault(string place, string reason, string detail) => throw new IOException("the disk is full");

        public override void Advance(long position)
        {
        }
    }
}
