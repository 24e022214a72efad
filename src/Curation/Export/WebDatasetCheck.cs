using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Sightline.Curation.Parquet;
using Sightline.Models.Images;

namespace Sightline.Curation.Export;

/// <summary>Reads a shard back: the tar's samples are those of the table that succeeded, in its order.</summary>
internal static class WebDatasetCheck
{
    internal static void Run(string folder, ExportShard shard, CheckNotes notes, CancellationToken cancellationToken)
    {
        using var table = ParquetFile.Open(Path.Combine(folder, shard.Name + ".parquet"));
        using var file = new FileStream(Path.Combine(folder, shard.Name + ".tar"), new FileStreamOptions { BufferSize = 1 << 18 });
        using var tar = new TarReader(file);
        var (sum, samples) = (default(RowSum), 0L);
        foreach (var row in table.ReadRows(["key", "status", "row", "sha256", "caption"], cancellationToken))
        {
            sum.Add(row.Int64(2)!.Value);
            if (row.Text(1) == "success")
            {
                samples++;
                CheckSample(shard.Name, tar, row.Text(0)!, row.Int64(2)!.Value, row.Text(3)!, row.Bytes(4)!.Value.Span, notes);
            }
        }

        notes.Require(tar.GetNextEntry() is null, $"{shard.Name}.tar has more samples than its table.");
        notes.Require(
            samples == shard.Exported && sum.Count == shard.Pairs,
            $"{shard.Name} has {samples} samples of {sum.Count} pairs, the manifest says {shard.Exported} of {shard.Pairs}.");
        notes.AddRows(sum);
    }

    private static void CheckSample(
        string shard, TarReader tar, string key, long row, string sha256, ReadOnlySpan<byte> caption, CheckNotes notes)
    {
        var image = Next(shard, tar);
        var (digest, ending) = Digest(image.DataStream ?? Stream.Null);
        notes.Require(image.Name == $"{key}.{ending}", $"{shard}.tar has {image.Name} where {key}.{ending} should be.");
        notes.Require(digest == sha256, $"{image.Name} in {shard}.tar has the SHA-256 {digest}, its table says {sha256}.");
        var text = Next(shard, tar);
        notes.Require(
            text.Name == key + ".txt" && Bytes(text).AsSpan().SequenceEqual(caption),
            $"{text.Name} in {shard}.tar is not the caption of {key} in its table.");
        var json = Next(shard, tar);
        using var fields = JsonDocument.Parse(Bytes(json));
        notes.Require(
            json.Name == key + ".json" && fields.RootElement.GetProperty("key").GetString() == key
                && fields.RootElement.GetProperty("row").GetInt64() == row,
            $"{json.Name} in {shard}.tar is not of {key}, row {row}.");
    }

    /// <summary>SHA-256, and the ending that files of the format have.</summary>
    internal static (string Digest, string Ending) Digest(Stream image)
    {
        Span<byte> start = stackalloc byte[ImageSignature.Length];
        start = start[..image.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        var buffer = new byte[1 << 16];
        for (int read; (read = image.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), ImageRead.EndingOf(start) ?? "no-image");
    }

    private static TarEntry Next(string shard, TarReader tar) =>
        tar.GetNextEntry() ?? throw new InvalidDataException($"{shard}.tar has fewer samples than its table.");

    private static byte[] Bytes(TarEntry entry)
    {
        using var bytes = new MemoryStream();
        entry.DataStream?.CopyTo(bytes);
        return bytes.ToArray();
    }
}
