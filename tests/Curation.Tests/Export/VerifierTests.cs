using System.Text;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

public sealed class VerifierTests : IDisposable
{
    private readonly ExportFixture _fixture = new();

    public VerifierTests()
    {
        var images = Enumerable.Range(0, 30).Select(i => _fixture.AddFile($"{i}.jpg", ExportFixture.Picture(i)));
        _fixture.Write([.. images.Select((image, i) => new TestPair($"{i:x32}", $"caption {i}", image, (ushort)(i % 5 == 0 ? 1 : 0)))]);
    }

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.JsonLines)]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    [InlineData(ExportFormat.Coco)]
    [InlineData(ExportFormat.ImageFolder)]
    [InlineData(ExportFormat.Uids)]
    [InlineData(ExportFormat.Verdicts)]
    public async Task A_single_changed_byte_in_any_file_is_found(ExportFormat format)
    {
        var request = _fixture.Request(format) with { ShardSize = 6 };
        await _fixture.ExportSoundAsync(request);
        var all = Directory.GetFiles(request.Folder, "*", SearchOption.AllDirectories);
        var files = all.Where(f => Path.GetFileName(f) != ManifestFile.Name).ToArray();

        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes);
            var check = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);
            Assert.Contains(check.Problems, p => p.Contains(Path.GetFileName(file), StringComparison.Ordinal));
            bytes[bytes.Length / 2] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes);
        }

        File.Delete(files[0]);
        var gone = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);
        Assert.Contains(gone.Problems, p => p.Contains(Path.GetFileName(files[0]), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pair_that_is_lost_or_doubled_is_found_though_all_digests_are_right()
    {
        var request = _fixture.Request(ExportFormat.JsonLines);
        await _fixture.ExportSoundAsync(request);
        var lines = await File.ReadAllLinesAsync(_fixture.PathOf("out", "pairs.jsonl"));

        await ForgeAsync([.. lines[..^1], lines[0]]);
        var check = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);

        Assert.Equal(["The 24 pairs read back are not the 24 kept ones, each once."], check.Problems);

        async Task ForgeAsync(string[] forged)
        {
            var path = _fixture.PathOf("out", "pairs.jsonl");
            var manifest = ManifestFile.Read(request.Folder)!;
            await File.WriteAllTextAsync(path, string.Join('\n', forged) + "\n");
            var bytes = await File.ReadAllBytesAsync(path);
            var file = new ExportFile(
                "pairs.jsonl", bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
            ManifestFile.Write(request.Folder, manifest with { Shards = [manifest.Shards[0] with { Files = [file] }] });
        }
    }

    [Fact]
    public async Task Files_that_do_not_belong_to_the_export_are_named()
    {
        var request = _fixture.Request(ExportFormat.Csv);
        await _fixture.ExportSoundAsync(request);
        await File.WriteAllTextAsync(_fixture.PathOf("out", "notes.txt"), "mine", Encoding.UTF8);

        var check = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);

        Assert.Equal(["notes.txt is no file of this export."], check.Problems);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_no_export()
    {
        var refused = await Assert.ThrowsAsync<ExportException>(
            () => ExportVerifier.VerifyAsync(_fixture.PathOf("images"), CancellationToken.None));

        Assert.Contains("manifest.json", refused.Message, StringComparison.Ordinal);
    }
}
