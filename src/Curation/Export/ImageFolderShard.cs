using System.Text;

namespace Sightline.Curation.Export;

/// <summary>A folder of images, and the lines on them that become a part of the split's <c>metadata.jsonl</c>.</summary>
internal sealed class ImageFolderShard : ExportShardWriter
{
    /// <summary>What is put together at the end: lines of <c>metadata.jsonl</c>, and of <c>faults.jsonl</c>.</summary>
    internal const string MetadataEnding = ".metadata";

    /// <inheritdoc cref="MetadataEnding"/>
    internal const string FaultsEnding = ".faults";

    private readonly bool _hardLinks;
    private readonly SampleKeys _keys;
    private readonly string _place;
    private readonly string _unfinished;
    private readonly AtomicFile _metadata;
    private readonly AtomicFile _faults;
    private readonly JsonRow _json = new();
    private readonly byte[] _digits = new byte[64];
    private long _imageBytes;
    private long _linked;

    internal ImageFolderShard(PlannedShard plan, ExportFolder folder, ExportRequest request)
        : base(plan)
    {
        _hardLinks = request.HardLinks;
        _keys = new SampleKeys(plan.Name, request.ShardSize);
        _place = folder.PathOf(plan.Name);
        _unfinished = _place + ".unfinished";
        foreach (var path in new[] { _place, _unfinished }.Where(Directory.Exists))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(_unfinished);
        _metadata = AtomicFile.Create(folder.WorkPathOf(plan.Name, MetadataEnding));
        _faults = AtomicFile.Create(folder.WorkPathOf(plan.Name, FaultsEnding));
    }

    internal override ExportShard Complete()
    {
        UnixFile.FlushFileSystem(_metadata.Stream.SafeFileHandle);
        _metadata.Commit();
        _faults.Commit();
        Directory.Move(_unfinished, _place);
        return Describe([]) with { ImageBytes = _imageBytes, Linked = _linked };
    }

    public override void Dispose()
    {
        _metadata.Dispose();
        _faults.Dispose();
        _json.Dispose();
        if (Directory.Exists(_unfinished))
        {
            Directory.Delete(_unfinished, recursive: true);
        }
    }

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var name = $"{_keys.Of(Pairs)}.{image!.Ending}";
        if (!TryPutImage(Path.Combine(_unfinished, name), image))
        {
            AddFault(record, image);
            _json.Begin();
            _json.Put("row"u8, record.Row);
            _json.PutText("key"u8, record.Pair.Key);
            _json.PutText("image"u8, record.Pair.Image);
            _json.PutText("reason"u8, Encoding.UTF8.GetBytes(image.Fault!));
            _json.PutText("detail"u8, Encoding.UTF8.GetBytes(image.Detail));
            _faults.Stream.Write(_json.EndLine());
            return;
        }

        _imageBytes += image.Length;
        Convert.TryToHexStringLower(image.Digest, _digits, out _);
        _metadata.Stream.Write(Line(record, Path.GetFileName(_place) + "/" + name));
    }

    private bool TryPutImage(string path, ImageRead image)
    {
        if (image.Fault is not null)
        {
            return false;
        }

        if (_hardLinks && image.File is not null && UnixFile.TryLink(image.File, path))
        {
            _linked++;

            // Its digest is wanted all the same.
            if (image.TryCopyTo(Stream.Null))
            {
                return true;
            }

            _linked--;
            File.Delete(path);
            return false;
        }

        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            if (image.TryCopyTo(file))
            {
                return true;
            }
        }

        File.Delete(path);
        return false;
    }

    private ReadOnlySpan<byte> Line(in ExportedPair record, string file)
    {
        var pair = record.Pair;
        _json.Begin();
        _json.PutText("file_name"u8, Encoding.ASCII.GetBytes(file));
        _json.PutText("text"u8, pair.Caption);
        _json.Put("row"u8, record.Row);
        _json.PutText("key"u8, pair.Key);
        _json.Put("url"u8, pair.Url);
        _json.PutText("sha256"u8, _digits);
        _json.PutSize("width"u8, pair.Width);
        _json.PutSize("height"u8, pair.Height);
        _json.Put("similarity"u8, pair.Similarity);
        return _json.EndLine();
    }
}
