using System.Buffers;
using System.Globalization;

namespace Sightline.Curation.Export;

/// <summary>Comma-separated values as RFC 4180 has them, lines ended by a line feed: what is not known is empty.</summary>
internal sealed class CsvTable : ExportShardWriter
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(",\"\r\n"u8);

    private readonly ExportFolder _folder;
    private readonly string _name;
    private readonly AtomicFile _file;
    private readonly byte[] _number = new byte[32];
    private readonly ArrayBufferWriter<byte> _line = new();

    internal CsvTable(PlannedShard plan, ExportFolder folder)
        : base(plan)
    {
        (_folder, _name) = (folder, plan.Name + ".csv");
        _file = AtomicFile.Create(folder.PathOf(_name));
        _file.Stream.Write("row,key,caption,image,url,sha256,width,height,similarity,extra\n"u8);
    }

    internal override ExportShard Complete()
    {
        _file.Commit();
        return Describe([_folder.Describe(_name)]);
    }

    public override void Dispose() => _file.Dispose();

    protected override void Write(in ExportedPair record, ImageRead? image)
    {
        var pair = record.Pair;
        AddPlace(pair.Image);
        _line.ResetWrittenCount();
        Put(record.Row, (byte)',');
        Put(pair.Key);
        Put(pair.Caption);
        Put(pair.Image);
        Put(pair.Url);
        Put(record.Sha256);
        PutSize(pair.Width);
        PutSize(pair.Height);
        if (float.IsFinite(pair.Similarity))
        {
            pair.Similarity.TryFormat(_number, out var written, default, CultureInfo.InvariantCulture);
            _line.Write(_number.AsSpan(0, written));
        }

        _line.Write(","u8);
        PutText(record.Extra);
        _line.Write("\n"u8);
        _file.Stream.Write(_line.WrittenSpan);
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        PutText(text);
        _line.Write(","u8);
    }

    private void PutSize(int pixels)
    {
        if (pixels > 0)
        {
            Put(pixels, (byte)',');
            return;
        }

        _line.Write(","u8);
    }

    private void Put(long number, byte then)
    {
        number.TryFormat(_number, out var written, default, CultureInfo.InvariantCulture);
        _number[written] = then;
        _line.Write(_number.AsSpan(0, written + 1));
    }

    private void PutText(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(Special) < 0)
        {
            _line.Write(text);
            return;
        }

        _line.Write("\""u8);
        for (int quote; (quote = text.IndexOf((byte)'"')) >= 0; text = text[(quote + 1)..])
        {
            _line.Write(text[..(quote + 1)]);
            _line.Write("\""u8);
        }

        _line.Write(text);
        _line.Write("\""u8);
    }
}
