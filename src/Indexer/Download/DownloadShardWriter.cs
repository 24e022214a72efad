using System.Text;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Parquet;

namespace Sightline.Indexer.Download;

/// <summary>
/// Writes a shard in img2dataset's layout: <c>00000.tar</c> with an image, a <c>.txt</c> and a <c>.json</c> for each success,
/// <c>00000.parquet</c> with a row for each address in the dataset's order, and <c>00000_stats.json</c>. Files appear when all is written,
/// the statistics last. For one thread.
/// </summary>
internal sealed class DownloadShardWriter : IDisposable
{
    private static readonly ParquetField[] Fields =
    [
        new("url", ParquetType.Text), new("caption", ParquetType.Text), new("key", ParquetType.Text), new("status", ParquetType.Text),
        new("error_message", ParquetType.Text), new("width", ParquetType.Int32), new("height", ParquetType.Int32),
        new("original_width", ParquetType.Int32), new("original_height", ParquetType.Int32), new("exif", ParquetType.Text),
        new("sha256", ParquetType.Text), new("uid", ParquetType.Text), new("similarity", ParquetType.Float), new("extra", ParquetType.Json),
    ];

    private readonly Shard _shard;
    private readonly string _path;
    private readonly string _ending;
    private readonly AtomicFile _file;
    private readonly TarFileWriter _tar;
    private readonly SortedDictionary<int, DownloadOutcome> _outcomes = [];

    /// <param name="ending">Of the images, without the dot.</param>
    internal DownloadShardWriter(Shard shard, string folder, string ending)
    {
        (_shard, _path, _ending) = (shard, Path.Combine(folder, shard.Name), ending);

        // Of a run that was killed between the files and the statistics.
        File.Delete(StatisticsPath(folder, shard));
        _file = AtomicFile.Create(_path + ".tar");
        _tar = new TarFileWriter(_file.Stream);
    }

    public void Dispose() => _file.Dispose();

    internal static string StatisticsPath(string folder, Shard shard) => Path.Combine(folder, shard.Name + "_stats.json");

    internal void Add(int pair, DownloadOutcome outcome)
    {
        if (outcome.Status == DownloadOutcome.Success)
        {
            var key = _shard.KeyOf(pair);
            _tar.AddMember($"{key}.{_ending}", outcome.Image);
            _tar.AddMember($"{key}.txt", _shard.Part.Source.Captions[pair]);
            _tar.AddMember($"{key}.json", Describe(pair, outcome));
        }

        _outcomes.Add(pair, outcome with { Image = [] });
    }

    internal ShardStatistics Finish(DateTimeOffset started, DateTimeOffset ended)
    {
        _tar.Finish();
        _file.Commit();
        WriteParquet();
        int Of(string status) => _outcomes.Values.Count(o => o.Status == status);
        var statistics = new ShardStatistics
        {
            Count = _outcomes.Count,
            Successes = Of(DownloadOutcome.Success),
            FailedToDownload = Of(DownloadOutcome.FailedToDownload),
            FailedToResize = Of(DownloadOutcome.FailedToResize),
            FailedToVerify = Of(DownloadOutcome.FailedToVerify),
            Duration = (ended - started).TotalSeconds,
            StartTime = started.ToUnixTimeMilliseconds() / 1e3,
            EndTime = ended.ToUnixTimeMilliseconds() / 1e3,
            Reasons = new SortedDictionary<string, int>(_outcomes.Values.CountBy(o => o.Reason).ToDictionary(), StringComparer.Ordinal),
        };
        AtomicFile.WriteText(_path + "_stats.json", JsonSerializer.Serialize(statistics));
        return statistics;
    }

    private void WriteParquet()
    {
        using var file = AtomicFile.Create(_path + ".parquet");
        using var writer = new ParquetWriter(file.Stream, Fields);
        foreach (var (pair, outcome) in _outcomes)
        {
            var source = _shard.Part.Source[pair];
            writer.Set(0, source.Url);
            writer.Set(1, source.Caption);
            writer.Set(2, _shard.KeyOf(pair));
            writer.Set(3, outcome.Status);
            writer.Set(4, outcome.Error);
            writer.Set(5, Known(outcome.Width));
            writer.Set(6, Known(outcome.Height));
            writer.Set(7, Known(outcome.OriginalWidth));
            writer.Set(8, Known(outcome.OriginalHeight));
            writer.Set(9, outcome.Exif);
            writer.Set(10, outcome.Sha256);
            SetText(writer, 11, source.Key);
            writer.Set(12, float.IsNaN(source.Similarity) ? null : (double?)source.Similarity);
            SetText(writer, 13, source.Extra);
            writer.EndRow();
        }

        writer.Finish();
        file.Commit();
    }

    private byte[] Describe(int pair, DownloadOutcome outcome)
    {
        var source = _shard.Part.Source[pair];
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("url", Encoding.UTF8.GetString(source.Url));
            json.WriteString("caption", Encoding.UTF8.GetString(source.Caption));
            json.WriteString("key", _shard.KeyOf(pair));
            json.WriteString("status", outcome.Status);
            json.WriteNull("error_message");
            json.WriteNumber("width", outcome.Width);
            json.WriteNumber("height", outcome.Height);
            json.WriteNumber("original_width", outcome.OriginalWidth);
            json.WriteNumber("original_height", outcome.OriginalHeight);
            json.WriteString("exif", outcome.Exif);
            json.WriteString("sha256", outcome.Sha256);
            if (!source.Key.IsEmpty)
            {
                json.WriteString("uid", Encoding.UTF8.GetString(source.Key));
            }

            if (!float.IsNaN(source.Similarity))
            {
                json.WriteNumber("similarity", source.Similarity);
            }

            if (!source.Extra.IsEmpty)
            {
                json.WritePropertyName("extra");
                json.WriteRawValue(source.Extra);
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static long? Known(int number) => number > 0 ? number : null;

    private static void SetText(ParquetWriter writer, int column, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            writer.SetNull(column);
            return;
        }

        writer.Set(column, text);
    }
}
