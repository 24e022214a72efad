using System.Security.Cryptography;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Search.Tests;

public sealed class ThumbnailStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file = ImageEncoder.EncodeJpeg(Picture(1600, 1200));

    private ThumbnailStore Store => new(_folder.PathOf("thumbnails"));

    private byte[] Hash => SHA256.HashData(_file);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_thumbnail_has_the_grids_height_and_the_pictures_aspect()
    {
        Store.Save(Hash, Picture(1600, 1200));

        Assert.True(ImageDecoder.TryDecode(Store.PathOf(Hash), new DecodeOptions(), out var thumbnail, out _));
        Assert.Equal((640, ThumbnailStore.Height, "webp"), (thumbnail!.Pixels.Width, thumbnail.Pixels.Height, thumbnail.Metadata.Format));
    }

    [Fact]
    public void One_that_is_absent_is_made_again_and_one_that_is_there_is_left_alone()
    {
        File.WriteAllBytes(_folder.PathOf("a.jpg"), _file);
        Assert.True(Store.TryGet(Hash, _folder.PathOf("a.jpg"), out var path, out _));
        var made = File.GetLastWriteTimeUtc(path!);
        File.Delete(_folder.PathOf("a.jpg"));

        Assert.True(Store.TryGet(Hash, _folder.PathOf("a.jpg"), out path, out _));
        Assert.Equal(made, File.GetLastWriteTimeUtc(path!));
        File.Delete(path!);
        Assert.False(Store.TryGet(Hash, _folder.PathOf("a.jpg"), out _, out var fault));
        Assert.Equal("vanished", fault!.Reason);
    }

    [Fact]
    public void Many_writers_of_one_thumbnail_leave_one_whole_file()
    {
        Parallel.For(0, 16, _ => Store.Save(Hash, Picture(400, 300)));

        var files = Directory.GetFiles(_folder.PathOf("thumbnails"), "*", SearchOption.AllDirectories);
        Assert.True(ImageDecoder.TryDecode(Assert.Single(files), new DecodeOptions(), out _, out var fault), fault?.Detail);
    }

    private static RgbImage Picture(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)(i / 3 % width * 255 / width))]);
}
