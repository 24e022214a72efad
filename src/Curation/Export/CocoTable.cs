using System.Text.Json;

namespace Sightline.Curation.Export;

/// <summary>
/// COCO's captions: an image's id is 1 more than the row of the dataset's first pair of it, an annotation's 1 more than its pair's row. An
/// entry stands on a line.
/// </summary>
internal sealed class CocoTable : ExportShardWriter
{
    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly CocoImageIds _images;
    private readonly string _annotationsPath;
    private readonly AtomicFile _file;
    private readonly FileStream _annotations;
    private readonly JsonRow _json = new();
    private long _imageCount;

    internal CocoTable(PlannedShard plan, ExportFolder folder, string dataset, CocoImageIds images)
        : base(plan)
    {
        (_folder, _name, _images) = (folder, plan.Name + ".json", images);
        _annotationsPath = folder.WorkPathOf(plan.Name, ".annotations");
        _annotations = new FileStream(_annotationsPath, FileMode.Create, FileAccess.ReadWrite);
        _file = AtomicFile.Create(folder.PathOf(_name));
        _file.Stream.Write("{\"info\":{\"description\":"u8);
        _file.Stream.Write(JsonSerializer.SerializeToUtf8Bytes(dataset));
        _file.Stream.Write("},\"licenses\":[],\"images\":["u8);
    }

    internal override ExportShard Complete()
    {
        _file.Stream.Write("\n],\"annotations\":["u8);
        _annotations.Position = 0;
        _annotations.CopyTo(_file.Stream);
        _file.Stream.Write("\n]}\n"u8);
        _file.Commit();
        return Describe([_folder.Describe(_name)]);
    }

    public override void Dispose()
    {
        _file.Dispose();
        _annotations.Dispose();
        File.Delete(_annotationsPath);
        _json.Dispose();
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var (first, isFirst) = _images.Next(record.Row);
        var pair = record.Pair;
        if (isFirst)
        {
            AddPlace(pair.Image);
            _json.Begin();
            _json.Put("id"u8, first + 1);
            _json.PutText("file_name"u8, pair.Image.IsEmpty ? pair.Url : pair.Image);
            _json.Put("coco_url"u8, pair.Url);
            _json.PutSize("width"u8, pair.Width);
            _json.PutSize("height"u8, pair.Height);
            _json.Put("sha256"u8, record.Sha256);
            PutLine(_file.Stream, isNext: _imageCount++ > 0);
        }

        _json.Begin();
        _json.Put("id"u8, record.Row + 1);
        _json.Put("image_id"u8, first + 1);
        _json.PutText("caption"u8, pair.Caption);
        _json.PutText("key"u8, pair.Key);
        PutLine(_annotations, isNext: Pairs > 0);
    }

    private void PutLine(Stream stream, bool isNext)
    {
        stream.Write(isNext ? ",\n"u8 : "\n"u8);
        stream.Write(_json.End());
    }
}
