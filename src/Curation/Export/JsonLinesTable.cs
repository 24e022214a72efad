using System.IO.Compression;

namespace Sightline.Curation.Export;

/// <summary>A JSON object a line, plain or compressed with gzip.</summary>
internal sealed class JsonLinesTable : ExportShardWriter
{
    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly AtomicFile _file;
    private readonly Stream _stream;
    private readonly JsonRow _json = new();

    internal JsonLinesTable(PlannedShard plan, ExportFolder folder, ExportRequest request)
        : base(plan)
    {
        (_folder, _name) = (folder, plan.Name + (request.Gzip ? ".jsonl.gz" : ".jsonl"));
        _file = AtomicFile.Create(folder.PathOf(_name));

        // .NET leaves a gzip header's time at 0: the same lines give the same file.
        _stream = request.Gzip
            ? new BufferedStream(new GZipStream(_file.Stream, CompressionLevel.Optimal, leaveOpen: true), 1 << 16)
            : _file.Stream;
    }

    internal override ExportShard Complete()
    {
        if (_stream != _file.Stream)
        {
            _stream.Dispose();
        }

        _file.Commit();
        return Describe([_folder.Describe(_name)]);
    }

    public override void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
        _json.Dispose();
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var pair = record.Pair;
        AddPlace(pair.Image);
        _json.Begin();
        _json.Put("row"u8, record.Row);
        _json.PutText("key"u8, pair.Key);
        _json.PutText("caption"u8, pair.Caption);
        _json.Put("image"u8, pair.Image);
        _json.Put("url"u8, pair.Url);
        _json.Put("sha256"u8, record.Sha256);
        _json.PutSize("width"u8, pair.Width);
        _json.PutSize("height"u8, pair.Height);
        _json.Put("similarity"u8, pair.Similarity);
        _json.PutExtra(record.Extra, record.Row);
        _stream.Write(_json.EndLine());
    }
}
