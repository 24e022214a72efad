using System.Text;
using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class JsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.jsonl", "{0}\n\n{1}\n")]
    [InlineData("a.json", "{0}\r\n{1}")]
    [InlineData("a.json", "\ufeff [ {0} ,\n {1} ]\n")]
    public void Lines_and_arrays_hold_objects(string name, string form)
    {
        var first = """{"uid": "k\u0031", "url": "http://a/1", "text": "a \"big\" dog\n\ud83d\udc36", "original_width": 640, "width": 256, "x": {"y": [1, "é"]}, "none": null}""";
        var second = """{"caption": "a cat", "image_url": "http://a/2", "url": "", "clip_b32_similarity_score": 0.25, "clip_l14_similarity_score": 3e-1}""";

        var read = Read(name, form.Replace("{0}", first, StringComparison.Ordinal).Replace("{1}", second, StringComparison.Ordinal));

        Assert.Equal(
            [
                new ReadPair("k1", "a \"big\" dog\n🐶", "", "http://a/1", "", """{"width":256,"x":{"y": [1, "é"]}}""", 640, 0, float.NaN),
                new ReadPair("1", "a cat", "", "http://a/2", "", """{"url":"","clip_b32_similarity_score":0.25}""", 0, 0, 0.3f),
            ],
            read.Pairs);
        Assert.Empty(read.Faults);
    }

    [Fact]
    public void Bad_lines_are_faults_and_the_rest_goes_on()
    {
        var path = _folder.PathOf("a.jsonl");
        File.WriteAllBytes(path,
        [
            .. """{"caption":"one","url":"http://a/1"}"""u8, (byte)'\n', .. "{\"caption\":\"two\n"u8, .. "{\"caption\":\"thr"u8, 0xFF, .. "\"}\n"u8, .. "[1]\n"u8,
            .. """{"caption":"\ud800","url":"http://a/5"}"""u8, (byte)'\n', .. """{"caption":"six","url":"http://a/6"} {}"""u8, (byte)'\n',
            .. """{"url":"http://a/7"}"""u8, (byte)'\n', .. """{"caption":"eight"}"""u8, (byte)'\n', .. """{"caption":"nine","url":"http://a/9"}"""u8,
        ]);

        var read = Collected.From(path);

        Assert.Equal("one|nine", read.Captions);
        Assert.Equal(
            "line 2: bad_json; line 3: not_utf8; line 4: bad_json; line 5: bad_json; line 6: bad_json; line 7: no_caption; line 8: no_image", read.Reasons);
    }

    [Fact]
    public void An_array_that_breaks_gives_what_is_before()
    {
        var item = """{"caption":"one","url":"http://a/1"}""";
        var broken = Read("a.json", $"[{item},\n{item}, oops, {item}]");
        var cut = Read("b.json", $"[{item},\n{item},{item[..10]}");
        var odd = Read("c.json", $"[{item}, 5, {item}]");

        Assert.Equal((2, "item 2: damaged"), (broken.Pairs.Count, broken.Reasons));
        Assert.Equal((2, "item 2: damaged"), (cut.Pairs.Count, cut.Reasons));
        Assert.Equal((2, "item 1: bad_json"), (odd.Pairs.Count, odd.Reasons));
    }

    [Fact]
    public void Objects_without_known_names_are_told_with_what_they_have()
    {
        File.WriteAllText(_folder.PathOf("a.jsonl"), "{\"foo\":1,\"bar\":2}\n{\"baz\":2}\n");

        var fault = Assert.Throws<PairSourceException>(() => PairSources.Open(new PairSourceRequest(_folder.PathOf("a.jsonl"))));

        Assert.Contains("it has foo, bar, baz.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_longer_than_the_buffer_is_read_to_its_end()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(i == 0 ? "" : ",").Append($$"""{"caption":"{{new string('x', i % 300)}} {{i}}","url":"http://a/{{i}}"}""");
        }

        var read = Read("a.json", text.Append(']').ToString());

        Assert.Equal((20_000, 0), (read.Pairs.Count, read.Faults.Count));
        Assert.Equal(new string('x', 19_999 % 300) + " 19999", read.Pairs[^1].Caption);
    }

    private Collected Read(string name, string content)
    {
        File.WriteAllText(_folder.PathOf(name), content);
        return Collected.From(_folder.PathOf(name));
    }
}
