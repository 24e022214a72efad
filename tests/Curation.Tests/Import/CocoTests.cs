using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class CocoTests : IDisposable
{
    private const string Images = """
        [{"id": 7, "file_name": "000000000007.jpg", "width": 640, "height": 480, "coco_url": "http://images.cocodataset.org/val2017/000000000007.jpg", "license": 4},
         {"id": 8, "file_name": "000000000008.jpg", "width": 320, "height": 240, "flickr_url": "http://flickr/8.jpg"}]
        """;

    private const string Annotations = """
        [{"image_id": 8, "id": 1, "caption": "A cat."}, {"image_id": 7, "id": 2, "caption": "A dog."},
         {"image_id": 7, "id": 3, "caption": "The same \"dog\" again."}, {"image_id": 9, "id": 4, "caption": "Lost."}, {"id": 5, "caption": "Nobody's."},
         {"image_id": 7, "id": 6, "category_id": 1}]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"info": {"a": [1, {"images": 5}]}, "images": IMAGES, "annotations": ANNOTATIONS}""")]
    [InlineData("""{"annotations": ANNOTATIONS, "licenses": [{"id": 1}], "images": IMAGES}""")]
    public void Each_caption_is_a_pair_with_its_image(string form)
    {
        var read = Collected.From(Write("captions_val2017.json", form));

        Assert.Equal(
            [
                new ReadPair("1", "A cat.", "", "http://flickr/8.jpg", "", """{"image_id":8,"file_name":"000000000008.jpg"}""", 320, 240, float.NaN),
                new ReadPair(
                    "2", "A dog.", "", "http://images.cocodataset.org/val2017/000000000007.jpg", "",
                    """{"image_id":7,"file_name":"000000000007.jpg","license":4}""", 640, 480, float.NaN),
            ],
            read.Pairs.Take(2));
        Assert.Equal("The same \"dog\" again.", read.Pairs[2].Caption);
        Assert.Equal("annotation 3: unknown_image; annotation 4: bad_annotation; annotation 5: no_caption", read.Reasons);
    }

    [Fact]
    public void Images_are_found_where_cocos_layout_has_them()
    {
        foreach (var name in new[] { "val2017/000000000007.jpg", "val2017/000000000008.jpg", "other/000000000007.jpg" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
            File.WriteAllBytes(_folder.PathOf(name), Shards.Jpeg());
        }

        Directory.CreateDirectory(_folder.PathOf("annotations"));
        File.WriteAllText(_folder.PathOf("annotations", "instances_val2017.json"), """{"images": [], "annotations": []}""");
        var path = Write("annotations/captions_val2017.json", """{"images": IMAGES, "annotations": ANNOTATIONS}""");

        var guessed = Collected.From(path);
        var source = PairSources.Open(new PairSourceRequest(_folder.Path));
        var given = Collected.From(new PairSourceRequest(path) { ImageFolder = _folder.PathOf("other") });

        Assert.Equal(_folder.PathOf("val2017", "000000000008.jpg"), guessed.Pairs[0].Image);
        Assert.Equal("""{"image_id":7,"license":4}""", guessed.Pairs[1].Extra);
        Assert.Equal(("coco", path), (source.Format, Assert.Single(source.Files)));
        Assert.Equal([_folder.PathOf("other", "000000000007.jpg"), _folder.PathOf("other", "000000000007.jpg")], given.Pairs.Select(p => p.Image));
        Assert.StartsWith("annotation 0: image_missing", given.Reasons, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_breaks_gives_what_is_before_or_says_why_it_gives_nothing()
    {
        var late = Write("a.json", """{"images": IMAGES, "annotations": [{"image_id": 7, "id": 1, "caption": "A dog."}, oops]}""");
        var early = Write("b.json", """{"images": [{"id": 7, oops}], "annotations": ANNOTATIONS}""");

        var read = Collected.From(late);
        var fault = Assert.Throws<PairSourceException>(() => Collected.From(new PairSourceRequest(early)));

        Assert.Equal(("A dog.", "annotation 1: damaged"), (read.Captions, read.Reasons));
        Assert.Contains("cannot be read beyond its byte", fault.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string form)
    {
        var path = _folder.PathOf(name);
        File.WriteAllText(path, form.Replace("IMAGES", Images, StringComparison.Ordinal).Replace("ANNOTATIONS", Annotations, StringComparison.Ordinal));
        return path;
    }
}
