using System.Formats.Tar;
using System.Text;
using Sightline.Curation.Import;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class WebDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Samples_are_the_members_of_one_key_and_images_stay_where_they_are(TarEntryFormat format)
    {
        var (first, second) = (Shards.Jpeg(10), Shards.Jpeg(20));
        var path = _folder.PathOf("00000.tar");
        Shards.Write(path, format,
            ("000000000.jpg", first), ("000000000.txt", "a dog\n"u8.ToArray()),
            ("000000000.json", """{"uid":"u0","url":"http://a/0","caption":"a dog","width":16,"height":12,"original_width":640,"similarity":0.5}"""u8.ToArray()),
            ("deep/er/b.seg.png", [1]), ("deep/er/b.JPG", second), ("deep/er/b.json", """{"caption":"a cat","status":"success"}"""u8.ToArray()),
            ("__index__", [1]), (".hidden.txt", [1]));

        var read = Collected.From(path);

        Assert.Empty(read.Faults);
        Assert.Equal([("u0", "a dog", 640, 12, 0.5f), ("deep/er/b", "a cat", 0, 0, float.NaN)],
            read.Pairs.Select(p => (p.Key, p.Caption, p.Width, p.Height, p.Similarity)));
        Assert.Equal("""{"width":16}""", read.Pairs[0].Extra);
        Assert.Equal([first, second], read.Pairs.Select(ReadImage));
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Long_names_are_read_in_both_forms(TarEntryFormat format)
    {
        var name = string.Join('/', Enumerable.Repeat("ein-Ordner-mit-ü", 20)) + "/" + new string('k', 150);
        Shards.Write(_folder.PathOf("a.tar"), format, ($"{name}.jpg", Shards.Jpeg()), ($"{name}.txt", "a dog"u8.ToArray()), ("b.jpg", Shards.Jpeg()), ("b.txt", "b"u8.ToArray()));

        var read = Collected.From(_folder.PathOf("a.tar"));

        Assert.Equal([name, "b"], read.Pairs.Select(p => p.Key));
    }

    [Fact]
    public void Names_that_ustar_splits_and_sizes_in_base_256_are_read()
    {
        var jpeg = Shards.Jpeg();
        var folder = string.Join('/', Enumerable.Repeat("folder", 15));
        Shards.Write(_folder.PathOf("a.tar"), TarEntryFormat.Ustar, ($"{folder}/a.jpg", jpeg), ($"{folder}/a.txt", "a dog"u8.ToArray()));
        var bytes = File.ReadAllBytes(_folder.PathOf("a.tar"));
        var size = bytes.AsSpan(124, 12);
        size.Clear();
        (size[0], size[10], size[11]) = (0x80, (byte)(jpeg.Length >> 8), (byte)jpeg.Length);
        Sign(bytes.AsSpan(0, 512));
        File.WriteAllBytes(_folder.PathOf("a.tar"), bytes);

        var pair = Assert.Single(Collected.From(_folder.PathOf("a.tar")).Pairs);

        Assert.Equal(($"{folder}/a", "a dog"), (pair.Key, pair.Caption));
        Assert.Equal(jpeg, ReadImage(pair));
    }

    [Fact]
    public void Incomplete_samples_and_odd_members_are_faults()
    {
        using (var file = File.Create(_folder.PathOf("a.tar")))
        using (var tar = new TarWriter(file, TarEntryFormat.Ustar))
        {
            void Add(string name, string text)
            {
                var entry = new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };
                tar.WriteEntry(entry);
            }

            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "a/"));
            Add("a/1.jpg", "x");
            Add("a/2.txt", "two");
            Add("a/3.jpg", "x");
            Add("a/3.json", "{");
            tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "a/4.jpg") { LinkName = "/etc/passwd" });
            Add("a/4.txt", "four");
            Add("a/5.jpg", "x");
            Add("a/5.txt", "five");
            Add("a/5.txt", "five again");
            Add("a/6.jpg", "x");
            Add("a/6.txt", new string('x', SampleRow.LongestText + 1));
            Add("a/7.jpg", "x");
            Add("a/7.txt", "seven");
        }

        var read = Collected.From(_folder.PathOf("a.tar"));

        Assert.Equal("seven", read.Captions);
        Assert.Equal(
            "a/1: no_caption; a/2: no_image; a/4.jpg: unsupported_member; a/3: bad_json; a/4: no_image; a/5: duplicate_member; a/6: too_long", read.Reasons);
    }

    [Fact]
    public void A_shard_cut_anywhere_gives_its_complete_samples_and_says_where_it_ends()
    {
        var path = _folder.PathOf("a.tar");
        Shards.Write(path, [.. Enumerable.Range(0, 3).SelectMany(i => new[] { ($"{i}.jpg", new string('x', 700)), ($"{i}.txt", $"caption {i}") })]);
        var whole = File.ReadAllBytes(path);

        // A sample takes 1536 + 1024 bytes: a header and two blocks, a header and one.
        for (var length = 512; length < 3 * 2560 + 512; length += 256)
        {
            File.WriteAllBytes(path, whole[..length]);
            var read = Collected.From(new WebDatasetSource([path], new PairSourceRequest(path)));

            Assert.Equal(length < 2560 - 512 + 9 ? 0 : length < 5120 - 512 + 9 ? 1 : length < 7680 - 512 + 9 ? 2 : 3, read.Pairs.Count);
            var fault = Assert.Single(read.Faults);
            Assert.Equal("truncated", fault.Reason);
            Assert.Contains($"at byte {length}", fault.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_header_ends_a_shard_with_its_place()
    {
        var path = _folder.PathOf("a.tar");
        Shards.Write(path, ("1.jpg", "x"), ("1.txt", "one"), ("2.jpg", "x"), ("2.txt", "two"));
        var bytes = File.ReadAllBytes(path);
        bytes[2048 + 3] ^= 1;
        File.WriteAllBytes(path, bytes);

        var read = Collected.From(path);

        Assert.Equal(("one", "byte 2048: bad_header"), (read.Captions, read.Reasons));
    }

    [Fact]
    public void What_is_no_tar_or_a_packed_one_is_told()
    {
        File.WriteAllText(_folder.PathOf("a.tar"), new string('x', 2000));
        File.WriteAllBytes(_folder.PathOf("b.tar"), [0x1F, 0x8B, .. new byte[600]]);
        File.WriteAllText(_folder.PathOf("c.tar"), "");

        string Message(string name) => Assert.Throws<PairSourceException>(() => PairSources.Open(new PairSourceRequest(_folder.PathOf(name)))).Message;

        Assert.Contains("a.tar is no tar", Message("a.tar"), StringComparison.Ordinal);
        Assert.Contains("packed as gzip", Message("b.tar"), StringComparison.Ordinal);
        Assert.Contains("is empty", Message("c.tar"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b.c/d.jpg", "a/b.c/d", "jpg")]
    [InlineData("a/b.seg.PNG", "a/b", "seg.png")]
    [InlineData("a/.b.jpg", null, null)]
    [InlineData("a.d/b", null, null)]
    public void Keys_end_at_the_first_dot_of_the_name(string name, string? key, string? ending)
    {
        var isPart = WebDatasetSource.TrySplit(name, out var foundKey, out var foundEnding);

        Assert.Equal((key is not null, key ?? "", ending ?? ""), (isPart, foundKey, foundEnding));
    }

    private static byte[] ReadImage(ReadPair pair)
    {
        Assert.True(ImageLocation.TryParse(Encoding.UTF8.GetBytes(pair.Image), out var location));
        Assert.True(PairImages.TryRead(location, 1 << 20, out var bytes, out var fault), fault?.Detail);
        return bytes;
    }

    private static void Sign(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
    }
}
