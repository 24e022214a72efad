using System.Runtime.InteropServices;
using System.Text;

namespace Sightline.Curation.Tests;

public sealed class PairDatasetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_part_gives_back_its_pairs_with_their_facts_and_measures()
    {
        var dataset = new PairDataset(_folder);
        var pairs = new PairBatch(0);
        pairs.Add(new NewPair
        {
            Key = "k0"u8, Caption = "a dog"u8, Image = "/a.jpg"u8, Url = "http://a"u8, Sha256 = "ab"u8, Extra = "{}"u8, Width = 640, Height = 480, Similarity = 0.3f,
        });
        pairs.Add(new NewPair { Key = "k1"u8 });
        dataset.WritePart(0, pairs, [new CaptionFacts { Words = 2 }, default], new Dictionary<string, string> { ["cursor"] = "7" });
        var image = new ImageMeasures { Width = 800, Height = 600, Similarity = 0.4f, Known = ImageMeasured.Pixels | ImageMeasured.Similarity };
        dataset.WriteMeasures(0, [image, default], new PartEmbeddings("digest", 2, [(Half)1, (Half)0, (Half)0, (Half)0]));

        var part = dataset.ReadPart(0, PartColumns.Texts | PartColumns.Facts | PartColumns.Measures | PartColumns.Embeddings, CancellationToken.None);
        var first = part[0];
        var second = part[1];

        Assert.Equal((1, 2, "7"), (dataset.CountParts(), dataset.CountPairs(), dataset.ReadNotes(0)["cursor"]));
        Assert.Equal("k0 a dog /a.jpg http://a ab", string.Join(' ', Text(first.Key), Text(first.Caption), Text(first.Image), Text(first.Url), Text(first.Sha256)));
        Assert.Equal("{}", part.Source.Extras.Text(0));
        Assert.Equal((800, 600, 0.4f, 2), (first.Width, first.Height, first.Similarity, first.Facts.Words));
        Assert.Equal((0, float.NaN, 0), (second.Width, second.Similarity, second.Caption.Length));
        Assert.Equal(("digest", (Half)1), (part.Embeddings!.Space, part.Embeddings[0][0]));
    }

    [Fact]
    public void What_was_not_asked_for_is_empty()
    {
        var dataset = new PairDataset(_folder);
        var pairs = new PairBatch(0);
        pairs.Add(new NewPair { Caption = "a dog"u8, Width = 3, Height = 4 });
        dataset.WritePart(0, pairs, [default], new Dictionary<string, string>());

        var part = dataset.ReadPart(0, PartColumns.None, CancellationToken.None);

        Assert.True(part[0].Caption.IsEmpty && part.Facts.IsEmpty && part.Measures.IsEmpty && part.Embeddings is null);
        Assert.Equal((3, 4), (part[0].Width, part[0].Height));
    }

    [Fact]
    public void A_part_without_its_facts_is_not_there_and_a_damaged_one_is_named()
    {
        var dataset = new PairDataset(_folder);
        var pairs = new PairBatch(0);
        pairs.Add(new NewPair { Caption = "a dog"u8 });
        dataset.WritePart(0, pairs, [default], new Dictionary<string, string>());
        var facts = Path.Combine(_folder, "facts-00000.bin");
        File.WriteAllBytes(facts, File.ReadAllBytes(facts)[..20]);

        var damage = Assert.Throws<InvalidDataException>(() => dataset.ReadPart(0, PartColumns.Facts, CancellationToken.None));
        File.Delete(facts);

        Assert.Contains("facts-00000.bin", damage.Message);
        Assert.Equal(0, dataset.CountParts());
    }

    [Fact]
    public void Stored_records_keep_their_layout()
    {
        Assert.Equal((64, 80), (Marshal.SizeOf<CaptionFacts>(), Marshal.SizeOf<ImageMeasures>()));
        Assert.Equal(0, Marshal.OffsetOf<CaptionFacts>($"<{nameof(CaptionFacts.Hash)}>k__BackingField"));
        Assert.Equal("en", new LanguageCode("en").ToString());
        Assert.Equal("und", new LanguageCode("und").ToString());
    }

    [Theory]
    [InlineData("/photos/a b.jpg", "/photos/a b.jpg", 0, -1)]
    [InlineData("tar:512:100:/s/00:0.tar", "/s/00:0.tar", 512, 100)]
    public void A_location_is_a_file_or_a_stretch_of_a_tar(string text, string path, long offset, long length)
    {
        Assert.True(ImageLocation.TryParse(Encoding.UTF8.GetBytes(text), out var location));
        Assert.Equal(new ImageLocation(path, offset, length), location);
        Assert.Equal(text, location.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.jpg")]
    [InlineData("https://example.org/a.jpg")]
    [InlineData("tar:-1:5:/a.tar")]
    [InlineData("tar:1:5:a.tar")]
    public void Nothing_else_is_a_location(string text) => Assert.False(ImageLocation.TryParse(Encoding.UTF8.GetBytes(text), out _));

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
