using System.IO.Compression;
using System.Text;
using CsvHelper;
using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class DelimitedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.csv", "url,TEXT,width,other\nhttp://a/1,\"a \"\"big\"\" dog,\nrunning\",640,x\n")]
    [InlineData("a.tsv", "url\tTEXT\twidth\tother\nhttp://a/1\t\"a \"\"big\"\" dog,\nrunning\"\t640\tx\n")]
    [InlineData("a.csv", "\ufeffURL;text;width;other\r\nhttp://a/1;\"a \"\"big\"\" dog,\nrunning\";640.0;x")]
    public void A_header_names_the_columns_and_quotes_hold_anything(string name, string content)
    {
        var pair = Assert.Single(Read(name, content).Pairs);

        Assert.Equal(new ReadPair("0", "a \"big\" dog,\nrunning", "", "http://a/1", "", """{"other":"x"}""", 640, 0, float.NaN), pair);
    }

    [Fact]
    public void A_table_of_captions_and_addresses_needs_no_header()
    {
        var read = Read("cc3m_train.tsv", "\"A dog\" runs\thttp://a/1\n\na cat 7\" long\thttps://a/2\n");

        Assert.Equal("\"A dog\" runs|a cat 7\" long", read.Captions);
        Assert.Equal(["http://a/1", "https://a/2"], read.Pairs.Select(p => p.Url));
        Assert.Equal(["0", "1"], read.Pairs.Select(p => p.Key));
        Assert.Empty(read.Faults);
    }

    [Fact]
    public void Without_a_header_columns_are_named_by_numbers()
    {
        File.WriteAllText(_folder.PathOf("a.csv"), "7,http://a/1,x,a dog\n8,http://a/2,y,a cat\n");
        var columns = new Dictionary<PairColumn, string> { [PairColumn.Caption] = "4", [PairColumn.Url] = "2", [PairColumn.Key] = "1" };

        var read = Collected.From(new PairSourceRequest(_folder.PathOf("a.csv")) { Columns = columns });

        Assert.Equal(["7 a dog http://a/1 {\"column_3\":\"x\"}", "8 a cat http://a/2 {\"column_3\":\"y\"}"],
            read.Pairs.Select(p => $"{p.Key} {p.Caption} {p.Url} {p.Extra}"));
    }

    [Fact]
    public void Bad_rows_are_faults_with_their_lines_and_the_rest_goes_on()
    {
        var path = _folder.PathOf("a.csv");
        File.WriteAllBytes(path,
        [
            .. "url,caption,width,sha256,similarity\n"u8, .. "http://a/1,one,,,\n"u8, .. "http://a/2,two "u8, 0xFF, .. ",,,\n"u8,
            .. "http://a/3,three\n"u8, .. "http://a/4,four,wide,,\n"u8, .. "http://a/5,five,,abc,\n"u8, .. ",six,,,\n"u8, .. "http://a/7, ,,,\n"u8,
            .. "http://a/8,\"eight\"x,,,\n"u8, .. "http://a/9,nine,-3,,\n"u8, .. "http://a/10,ten,NaN,,0.25\n"u8, .. "http://a/11,\"never closed,,,\n"u8,
            .. "http://a/12,twelve,12.0,"u8, .. Encoding.ASCII.GetBytes(new string('A', 64)), .. ",nan\n"u8,
        ]);

        var read = Collected.From(path);

        Assert.Equal("one|ten|twelve", read.Captions);
        Assert.Equal(
            "line 3: not_utf8; line 4: wrong_columns; line 5: bad_number; line 6: bad_sha256; line 7: no_image; line 8: no_caption; line 9: bad_quote; "
            + "line 10: bad_number; line 12: open_quote", read.Reasons);
        Assert.Equal((0, 0.25f), (read.Pairs[1].Width, read.Pairs[1].Similarity));
        Assert.Equal((12, new string('a', 64)), (read.Pairs[2].Width, read.Pairs[2].Sha256));
        Assert.Equal("11", read.Pairs[2].Key);
        Assert.Equal("The row has 2 columns, the header 5.", read.Faults[1].Detail);
        Assert.Equal(new FileInfo(path).Length, read.Position);
    }

    [Fact]
    public void In_tsv_a_quote_that_encloses_nothing_is_itself()
    {
        var read = Read("a.tsv", "caption\turl\n\"open\thttp://a/1\n\"said\" he\thttp://a/2\n\"two\nlines\"\thttp://a/3\n\"lost\n\"x\ty\tz\nlast\thttp://a/4\n");

        Assert.Equal("\"open|\"said\" he|two\nlines|last", read.Captions);
        Assert.Equal("line 6: wrong_columns; line 7: wrong_columns", read.Reasons);
    }

    [Fact]
    public void A_line_that_no_table_has_is_passed_over()
    {
        var path = _folder.PathOf("a.tsv");
        using (var file = File.CreateText(path))
        {
            file.Write("caption\turl\none\thttp://a/1\n");
            file.Write(new string('x', LineReader.LongestLine + 100_000));
            file.Write("\nthree\thttp://a/3\n");
        }

        var read = Collected.From(path);

        Assert.Equal(("one|three", "line 3: too_long"), (read.Captions, read.Reasons));
    }

    [Fact]
    public void A_row_of_many_lines_is_read_and_one_of_endless_lines_is_given_back()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 900));
        var read = Read("a.csv", $"caption,url\n\"{lines}\",http://a/1\n\"open,http://a/2\n{string.Concat(Enumerable.Repeat("x,http://a\n", 2000))}");

        Assert.Equal((lines, 2001, "line 902: open_quote"), (read.Pairs[0].Caption, read.Pairs.Count, read.Reasons));
    }

    [Fact]
    public void Packed_files_are_unpacked_and_one_cut_short_gives_what_is_there()
    {
        var text = "caption\turl\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"caption {i * 7919 % 20_011}\thttp://a/{i}\n"));
        var whole = Pack(text);
        File.WriteAllBytes(_folder.PathOf("whole.tsv.gz"), whole);
        File.WriteAllBytes(_folder.PathOf("cut.tsv.gz"), whole[..(whole.Length / 2)]);
        whole[whole.Length / 2] ^= 0xFF;
        File.WriteAllBytes(_folder.PathOf("bad.tsv.gz"), whole);

        var all = Collected.From(_folder.PathOf("whole.tsv.gz"));
        var cut = Collected.From(_folder.PathOf("cut.tsv.gz"));
        var bad = Collected.From(_folder.PathOf("bad.tsv.gz"));

        Assert.Equal((20_000, 0), (all.Pairs.Count, all.Faults.Count));
        Assert.InRange(cut.Pairs.Count, 1000, 19_000);
        Assert.Equal(all.Pairs.Take(cut.Pairs.Count), cut.Pairs);
        Assert.Equal(("damaged", $"line {cut.Pairs.Count + 2}"), (Assert.Single(cut.Faults).Reason, cut.Faults[0].Place));
        Assert.Equal("damaged", bad.Faults[^1].Reason);
    }

    [Fact]
    public void Packed_files_of_several_members_are_whole_and_cut_anywhere_are_not()
    {
        byte[] whole = [.. Pack("caption\turl\none\thttp://a/1\n"), .. Pack("two\thttp://a/2\n")];
        var path = _folder.PathOf("a.tsv.gz");
        File.WriteAllBytes(path, [.. whole, .. new byte[100]]);
        Assert.Equal(("one|two", ""), (Collected.From(path).Captions, Collected.From(path).Reasons));

        File.WriteAllBytes(path, whole);
        Assert.Equal(("one|two", ""), (Collected.From(path).Captions, Collected.From(path).Reasons));

        var first = Pack("caption\turl\none\thttp://a/1\n").Length;
        for (var length = first + 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.EndsWith("damaged", Collected.From(path).Reasons, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "has no header that is understood: its first row is a | b")]
    [InlineData("url,b\n1,2\n", "no column that is known to hold a caption (caption, text, top_caption")]
    [InlineData("caption,b\n1,2\n", "no column that is known to hold the image's address or file")]
    [InlineData("\n\n", "has no first row")]
    public void Columns_that_say_too_little_are_told_with_what_there_is(string content, string message)
    {
        File.WriteAllText(_folder.PathOf("a.csv"), content);

        var fault = Assert.Throws<PairSourceException>(() => PairSources.Open(new PairSourceRequest(_folder.PathOf("a.csv"))));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains("a.csv", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_was_asked_for_goes_before_the_usual_ones_and_must_be_there()
    {
        File.WriteAllText(_folder.PathOf("a.csv"), "url,caption,alt2\nhttp://a/1,one,other\n");
        PairSourceRequest Request(string name) =>
            new(_folder.PathOf("a.csv")) { Columns = new Dictionary<PairColumn, string> { [PairColumn.Caption] = name } };

        var read = Collected.From(Request("Alt2"));
        var fault = Assert.Throws<PairSourceException>(() => PairSources.Open(Request("alt3")));

        Assert.Equal(("other", """{"caption":"one"}"""), (read.Captions, read.Pairs[0].Extra));
        Assert.Contains("has no column alt3, which is to be the caption; it has url, caption, alt2.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_files_in_the_folder_or_addresses_and_nothing_outside()
    {
        Directory.CreateDirectory(_folder.PathOf("set", "images"));
        File.WriteAllBytes(_folder.PathOf("set", "images", "a b.jpg"), Shards.Jpeg());
        File.WriteAllBytes(_folder.PathOf("secret.jpg"), Shards.Jpeg());
        File.CreateSymbolicLink(_folder.PathOf("set", "link.jpg"), _folder.PathOf("secret.jpg"));
        File.CreateSymbolicLink(_folder.PathOf("set", "up"), _folder.Path);
        File.WriteAllText(_folder.PathOf("set", "captions.csv"),
            $"image,caption\nimages/a b.jpg,one\n{_folder.PathOf("set", "images", "a b.jpg")},two\nhttp://a/3,three\n../secret.jpg,four\nlink.jpg,five\n"
            + "up/secret.jpg,six\nimages/none.jpg,seven\n/etc/hostname,eight\nup/set/images/a b.jpg,nine\n");

        var read = Collected.From(_folder.PathOf("set", "captions.csv"));
        var wider = Collected.From(new PairSourceRequest(_folder.PathOf("set", "captions.csv")) { ImageFolder = _folder.PathOf("set", "up") });

        var image = _folder.PathOf("set", "images", "a b.jpg");
        Assert.Equal([image, image, "", image], read.Pairs.Select(p => p.Image));
        Assert.Equal("http://a/3", read.Pairs[2].Url);
        Assert.Equal("line 5: image_outside; line 6: image_outside; line 7: image_outside; line 8: image_missing; line 9: image_outside", read.Reasons);
        Assert.Equal("line 2: image_missing; line 5: image_outside; line 6: image_missing; line 7: image_missing; line 8: image_missing; "
            + "line 9: image_outside; line 10: image_missing", wider.Reasons);
    }

    [Fact]
    public void Rows_are_those_that_CsvHelper_reads()
    {
        var path = _folder.PathOf("a.csv");
        var random = new Random(5);
        string[] pieces = ["a", "dog", " ", ",", "\"", "\n", "\r\n", "é", "犬", ";", "\t", "'"];
        var captions = Enumerable.Range(0, 5000)
            .Select(i => "x" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]))).ToList();
        using (var writer = CsvWriter.Create(File.Create(path)))
        {
            writer.WriteRecord("caption", "url");
            for (var i = 0; i < captions.Count; i++)
            {
                writer.WriteRecord(captions[i], $"http://a/{i}");
            }
        }

        var read = Collected.From(path);
        using var reader = CsvReader.FromFile(path);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        Assert.Empty(read.Faults);
        Assert.Equal(captions, read.Pairs.Select(p => p.Caption));
        Assert.Equal(rows, read.Pairs.Select(p => p.Caption));
    }

    private Collected Read(string name, string content)
    {
        File.WriteAllText(_folder.PathOf(name), content);
        return Collected.From(_folder.PathOf(name));
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
