using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class PairImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_image_is_read_from_its_file_or_its_stretch_of_a_tar()
    {
        var jpeg = Shards.Jpeg();
        File.WriteAllBytes(_folder.PathOf("a.jpg"), jpeg);
        File.WriteAllBytes(_folder.PathOf("a.tar"), [.. new byte[512], .. jpeg, .. new byte[100]]);

        Assert.True(PairImages.TryRead(ImageLocation.File(_folder.PathOf("a.jpg")), 1 << 20, out var file, out _));
        Assert.True(PairImages.TryRead(new ImageLocation(_folder.PathOf("a.tar"), 512, jpeg.Length), 1 << 20, out var stretch, out _));
        Assert.Equal(jpeg, file);
        Assert.Equal(jpeg, stretch);
    }

    [Theory]
    [InlineData(0, 0, "empty_file")]
    [InlineData(0, 100, "unknown_format")]
    [InlineData(512, 2000, "too_large")]
    [InlineData(512, 700, "truncated")]
    [InlineData(5000, 10, "truncated")]
    [InlineData(long.MaxValue, 10, "truncated")]
    public void A_stretch_that_holds_no_image_is_a_fault(long offset, long length, string reason)
    {
        File.WriteAllBytes(_folder.PathOf("a.tar"), [.. new byte[512], .. Shards.Jpeg()]);

        Assert.False(PairImages.TryRead(new ImageLocation(_folder.PathOf("a.tar"), offset, length), 1000, out var bytes, out var fault));
        Assert.Equal(reason, fault!.Reason);
        Assert.Empty(bytes);
    }

    [Fact]
    public void A_shard_that_is_gone_or_a_folder_is_a_fault()
    {
        Assert.False(PairImages.TryRead(new ImageLocation(_folder.PathOf("none.tar"), 0, 10), 1000, out _, out var gone));
        Assert.False(PairImages.TryRead(new ImageLocation(_folder.Path, 0, 10), 1000, out _, out var folder));
        Assert.Equal("vanished", gone!.Reason);
        Assert.NotNull(folder);
    }
}
