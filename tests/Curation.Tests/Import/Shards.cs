using System.Formats.Tar;
using System.Text;
using Sightline.Models.Images;

namespace Sightline.Curation.Tests.Import;

/// <summary>Writes the shards and images that tests read.</summary>
internal static class Shards
{
    /// <summary>A JPEG of one colour.</summary>
    public static byte[] Jpeg(byte shade = 128, int width = 16, int height = 12)
    {
        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, shade);
        return ImageEncoder.EncodeJpeg(new RgbImage(width, height, pixels));
    }

    public static void Write(string path, TarEntryFormat format, params (string Name, byte[] Data)[] members)
    {
        using var file = File.Create(path);
        using var tar = new TarWriter(file, format);
        foreach (var (name, data) in members)
        {
            var entry = Entry(format, TarEntryType.RegularFile, name);
            entry.DataStream = new MemoryStream(data);
            tar.WriteEntry(entry);
        }
    }

    public static void Write(string path, params (string Name, string Text)[] members) =>
        Write(path, TarEntryFormat.Ustar, [.. members.Select(m => (m.Name, Encoding.UTF8.GetBytes(m.Text)))]);

    public static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.Pax => new PaxTarEntry(type, name),
        TarEntryFormat.Gnu => new GnuTarEntry(type, name),
        _ => new UstarTarEntry(type, name),
    };
}
