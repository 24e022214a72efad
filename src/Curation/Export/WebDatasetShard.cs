using System.Text;
using System.Text.Json;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Export;

/// <summary>
/// A shard as img2dataset writes it: a tar of image, <c>txt</c> and <c>json</c> a sample, and beside it a Parquet file with a row for each
/// pair, those too whose image could not be read, and a file of counts.
/// </summary>
internal sealed class WebDatasetShard : ExportShardWriter
{
    private const string Success = "success";
    private const string Failed = "failed";

    private static readonly ParquetField[] Fields =
    [
        new("url", ParquetType.Text), new("caption", ParquetType.Text), new("key", ParquetType.Text), new("status", ParquetType.Text),
        new("error_message", ParquetType.Text), new("width", ParquetType.Int32), new("height", ParquetType.Int32),
        new("original_width", ParquetType.Int32), new("original_height", ParquetType.Int32), new("sha256", ParquetType.Text),
        new("similarity", ParquetType.Float), new("source_key", ParquetType.Text), new("row", ParquetType.Int64),
        new("extra", ParquetType.Json),
    ];

    private readonly ExportFolder _folder;
    private readonly SampleKeys _keys;
    private readonly AtomicFile _tar;
    private readonly AtomicFile _table;
    private readonly TarFileWriter _members;
    private readonly ParquetWriter _rows;
    private readonly JsonRow _json = new();
    private readonly byte[] _digits = new byte[64];
    private long _imageBytes;

    internal WebDatasetShard(PlannedShard plan, ExportFolder folder, int shardSize)
        : base(plan)
    {
        _folder = folder;
        _keys = new SampleKeys(plan.Name, shardSize);
        _tar = AtomicFile.Create(folder.PathOf(TarName));
        _table = AtomicFile.Create(folder.PathOf(TableName));
        _members = new TarFileWriter(_tar.Stream);
        _rows = new ParquetWriter(_table.Stream, Fields);
    }

    private string TarName => Plan.Name + ".tar";

    private string TableName => Plan.Name + ".parquet";

    private string StatsName => Plan.Name + "_stats.json";

    internal override ExportShard Complete()
    {
        _members.Finish();
        _tar.Commit();
        _rows.Finish();
        _table.Commit();
        var shard = Describe([]) with { ImageBytes = _imageBytes };
        AtomicFile.WriteText(_folder.PathOf(StatsName), Stats(shard));
        return shard with { Files = [.. new[] { TarName, TableName, StatsName }.Select(_folder.Describe)] };
    }

    public override void Dispose()
    {
        _tar.Dispose();
        _rows.Dispose();
        _table.Dispose();
        _json.Dispose();
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var key = _keys.Of(Pairs);
        if (!TryPutImage(key, image!))
        {
            AddFault(record, image!);
            PutRow(record, key, image!, []);
            return;
        }

        _imageBytes += image!.Length;
        Convert.TryToHexStringLower(image.Digest, _digits, out _);
        _members.AddMember(key + ".txt", record.Pair.Caption);
        _members.AddMember(key + ".json", Json(record, key));
        PutRow(record, key, image, _digits);
    }

    private bool TryPutImage(string key, ImageRead image)
    {
        if (image.Length >= TarFileWriter.SizeLimit)
        {
            image.Fail(ExportFaultCode.TooLarge, $"It has {image.Length} bytes.");
        }

        if (image.Fault is not null)
        {
            return false;
        }

        var start = _tar.Stream.Position;
        _members.BeginMember($"{key}.{image.Ending}", image.Length);
        if (image.TryCopyTo(_tar.Stream))
        {
            _members.EndMember(image.Length);
            return true;
        }

        _tar.Stream.SetLength(start);
        _tar.Stream.Position = start;
        return false;
    }

    private ReadOnlySpan<byte> Json(in ExportedPair record, string key)
    {
        var pair = record.Pair;
        _json.Begin();
        _json.Put("url"u8, pair.Url);
        _json.PutText("caption"u8, pair.Caption);
        _json.PutText("key"u8, Encoding.ASCII.GetBytes(key));
        _json.PutText("status"u8, "success"u8);
        _json.Put("error_message"u8, []);
        _json.PutSize("width"u8, pair.Width);
        _json.PutSize("height"u8, pair.Height);
        _json.PutSize("original_width"u8, record.OriginalWidth);
        _json.PutSize("original_height"u8, record.OriginalHeight);
        _json.PutText("sha256"u8, _digits);
        _json.Put("similarity"u8, pair.Similarity);
        _json.Put("source_key"u8, pair.Key);
        _json.Put("row"u8, record.Row);
        _json.PutExtra(record.Extra, record.Row);
        return _json.End();
    }

    private void PutRow(in ExportedPair record, string key, ImageRead image, ReadOnlySpan<byte> sha256)
    {
        var pair = record.Pair;
        Put(0, pair.Url);
        _rows.Set(1, pair.Caption);
        _rows.Set(2, key);
        _rows.Set(3, image.Fault is null ? Success : Failed);
        _rows.Set(4, image.Fault is null ? null : $"{image.Fault}: {image.Detail}");
        PutSize(5, pair.Width);
        PutSize(6, pair.Height);
        PutSize(7, record.OriginalWidth);
        PutSize(8, record.OriginalHeight);
        Put(9, sha256);
        _rows.Set(10, float.IsFinite(pair.Similarity) ? pair.Similarity : (double?)null);
        Put(11, pair.Key);
        _rows.Set(12, record.Row);
        Put(13, _json.OnOneLine(record.Extra));
        _rows.EndRow();
    }

    private void Put(int column, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            _rows.Set(column, text);
        }
    }

    private void PutSize(int column, int pixels) => _rows.Set(column, pixels > 0 ? pixels : (long?)null);

    /// <summary>What img2dataset's reports have, but for times: the same export has the same files.</summary>
    private static string Stats(ExportShard shard)
    {
        var status = new SortedDictionary<string, long>(shard.FaultCounts.ToDictionary(), StringComparer.Ordinal)
        {
            [Success] = shard.Exported,
        };
        var stats = new
        {
            Count = shard.Pairs, Successes = shard.Exported, FailedToDownload = shard.Failed, FailedToResize = 0, StatusDict = status,
            ImageBytes = shard.ImageBytes, Faults = shard.Faults,
        };
        return JsonSerializer.Serialize(stats, ManifestFile.Options) + "\n";
    }
}
