using System.Buffers.Binary;
using System.Text;

namespace Sightline.TestKit;

/// <summary>Writes an EXIF block into a JPEG, as a camera would.</summary>
public static class ExifJpeg
{
    /// <summary>The JPEG with an APP1 segment: orientation (1 to 8) and, where given, make, model and DateTimeOriginal (<c>2024:05:01 08:30:00</c>).</summary>
    public static byte[] WithExif(byte[] jpeg, int orientation, string? make = null, string? model = null, string? takenAt = null)
    {
        var main = new List<(ushort Tag, ushort Type, byte[] Value)> { (0x112, 3, [(byte)orientation, 0]) };
        AddText(main, 0x10f, make);
        AddText(main, 0x110, model);
        var detail = new List<(ushort Tag, ushort Type, byte[] Value)>();
        AddText(detail, 0x9003, takenAt);
        var detailAt = 8 + DirectorySize(main) + (detail.Count > 0 ? 12 : 0);
        if (detail.Count > 0)
        {
            var pointer = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(pointer, detailAt);
            main.Add((0x8769, 4, pointer));
        }

        byte[] tiff = [.. "II*\0"u8, 8, 0, 0, 0, .. Directory(main, 8), .. detail.Count > 0 ? Directory(detail, detailAt) : []];
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(tiff.Length + 8));
        return [.. jpeg[..2], 0xff, 0xe1, .. length, .. "Exif\0\0"u8, .. tiff, .. jpeg[2..]];
    }

    private static void AddText(List<(ushort Tag, ushort Type, byte[] Value)> entries, ushort tag, string? text)
    {
        if (text is not null)
        {
            entries.Add((tag, 2, [.. Encoding.ASCII.GetBytes(text), 0]));
        }
    }

    private static int DirectorySize(List<(ushort Tag, ushort Type, byte[] Value)> entries) =>
        2 + 12 * entries.Count + 4 + entries.Sum(e => e.Value.Length > 4 ? e.Value.Length : 0);

    private static byte[] Directory(List<(ushort Tag, ushort Type, byte[] Value)> entries, int at)
    {
        entries.Sort((x, y) => x.Tag.CompareTo(y.Tag));
        var bytes = new byte[DirectorySize(entries)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)entries.Count);
        var overflow = 2 + 12 * entries.Count + 4;
        for (var i = 0; i < entries.Count; i++)
        {
            var (tag, type, value) = entries[i];
            var entry = bytes.AsSpan(2 + 12 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], type == 2 ? value.Length : 1);
            if (value.Length <= 4)
            {
                value.CopyTo(entry[8..]);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(entry[8..], at + overflow);
                value.CopyTo(bytes.AsSpan(overflow));
                overflow += value.Length;
            }
        }

        return bytes;
    }
}
