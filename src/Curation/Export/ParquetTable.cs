using Sightline.Curation.Parquet;

namespace Sightline.Curation.Export;

/// <summary>A Parquet file with a row for each pair.</summary>
internal sealed class ParquetTable : ExportShardWriter
{
    private static readonly ParquetField[] Fields =
    [
        new("row", ParquetType.Int64, IsOptional: false), new("key", ParquetType.Text, IsOptional: false),
        new("caption", ParquetType.Text, IsOptional: false),
        new("image", ParquetType.Text), new("url", ParquetType.Text), new("sha256", ParquetType.Text), new("width", ParquetType.Int32),
        new("height", ParquetType.Int32), new("similarity", ParquetType.Float), new("extra", ParquetType.Json),
    ];

    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly AtomicFile _file;
    private readonly ParquetWriter _rows;

    internal ParquetTable(PlannedShard plan, ExportFolder folder)
        : base(plan)
    {
        (_folder, _name) = (folder, plan.Name + ".parquet");
        _file = AtomicFile.Create(folder.PathOf(_name));
        _rows = new ParquetWriter(_file.Stream, Fields);
    }

    internal override ExportShard Complete()
    {
        _rows.Finish();
        _file.Commit();
        return Describe([_folder.Describe(_name)]);
    }

    public override void Dispose()
    {
        _rows.Dispose();
        _file.Dispose();
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var pair = record.Pair;
        AddPlace(pair.Image);
        _rows.Set(0, record.Row);
        _rows.Set(1, pair.Key);
        _rows.Set(2, pair.Caption);
        Put(3, pair.Image);
        Put(4, pair.Url);
        Put(5, record.Sha256);
        _rows.Set(6, pair.Width > 0 ? pair.Width : (long?)null);
        _rows.Set(7, pair.Height > 0 ? pair.Height : (long?)null);
        _rows.Set(8, float.IsFinite(pair.Similarity) ? pair.Similarity : (double?)null);
        Put(9, record.Extra);
        _rows.EndRow();
    }

    private void Put(int column, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            _rows.Set(column, text);
        }
    }
}
