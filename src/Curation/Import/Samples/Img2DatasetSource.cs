using System.Text;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Import;

/// <summary>
/// What img2dataset writes (https://github.com/rom1504/img2dataset): shards 00000.tar, or folders 00000 in its output format files, each
/// with 00000.parquet beside it, whose rows that are no success are faults by their status. Those come after the shard's pairs; their
/// places are keys.
/// </summary>
internal sealed class Img2DatasetSource(string root, IReadOnlyList<string> shards, PairSourceRequest request)
    : FolderSource(root, shards, request, Img2Dataset)
{
    internal const string Img2Dataset = "img2dataset";
    private const string Success = "success";

    /// <summary>Where img2dataset puts a shard's table.</summary>
    internal static string TableOf(string shard) => shard.EndsWith(".tar", StringComparison.Ordinal)
        ? shard[..^4] + ".parquet" : shard + ".parquet";

    protected override void ReadFile(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var row = NewRow(file, sink, null);
        if (file.EndsWith(".parquet", StringComparison.Ordinal))
        {
            throw new PairSourceException(
                $"{file} has neither {Path.GetFileNameWithoutExtension(file)}.tar nor a folder of that name beside it.");
        }

        if (file.EndsWith(".tar", StringComparison.Ordinal))
        {
            WebDatasetSource.ReadShard(file, new SampleRow(row, Names, IsOwnExport), sink, cancellationToken);
        }
        else
        {
            ReadFolder(file, row, sink, cancellationToken);
        }

        if (File.Exists(TableOf(file)))
        {
            ReadFailures(TableOf(file), sink, cancellationToken);
        }
    }

    private static void ReadFailures(string file, PairSink sink, CancellationToken cancellationToken)
    {
        using var table = OpenTable(file, sink);
        if (table is null)
        {
            return;
        }

        string[] columns = [.. new[] { "status", "error_message", "key", "url" }.Where(
            name => table.Columns.Any(c => c.Name == name && c.Unreadable is null && c.Type is ParquetType.Text or ParquetType.Bytes))];
        if (columns is not ["status", ..])
        {
            return;
        }

        var (messages, keys, urls) = (Array.IndexOf(columns, "error_message"),
            Array.IndexOf(columns, "key"), Array.IndexOf(columns, "url"));
        for (var i = 0; i < table.RowGroups; i++)
        {
            ParquetTableSource.ReadRowGroup(file, table.ReadRowGroup(i, columns, cancellationToken), i, batch =>
            {
                for (var r = 0; r < batch.Count; r++)
                {
                    var status = TextOf(batch, 0, r);
                    if (status is not (Success or ""))
                    {
                        var place = TextOf(batch, keys, r) is { Length: > 0 } key ? key : new Place("row", batch.FirstRow + r).ToString();
                        sink.Fault(place, status, $"img2dataset: {TextOf(batch, messages, r)} {TextOf(batch, urls, r)}".TrimEnd());
                    }
                }
            }, sink);
        }
    }

    private static ParquetFile? OpenTable(string file, PairSink sink)
    {
        try
        {
            return ParquetTableSource.Open(file);
        }
        catch (PairSourceException e)
        {
            // Its shard was read; what failed in it stays unknown.
            sink.Fault(Path.GetFileName(file), "damaged", e.Message);
            return null;
        }
    }

    private static string TextOf(ParquetBatch batch, int column, int row) =>
        column < 0 ? "" : Encoding.UTF8.GetString(((ParquetBytes)batch.Columns[column]).Span(row));
}
