using System.Buffers.Binary;
using System.Text;

namespace Sightline.Training.Data;

/// <summary>A picture in samples.bin: key, number of its class, captions with their languages, SHA-256 of its pixels. Texts are UTF-8
/// after their length in 4 bytes; numbers are of 4 bytes, little-endian.</summary>
internal static class SampleRecord
{
    internal const int HashLength = 32;

    internal static byte[] Write(string key, int label, IReadOnlyList<TrainingCaption> captions, ReadOnlySpan<byte> pixelHash)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        WriteText(writer, key);
        writer.Write(label);
        writer.Write(captions.Count);
        foreach (var (text, language) in captions)
        {
            WriteText(writer, text);
            WriteText(writer, language);
        }

        writer.Write(pixelHash);
        return stream.ToArray();
    }

    internal static TrainingSample Read(ReadOnlySpan<byte> record, int source)
    {
        var key = ReadText(ref record);
        var label = ReadNumber(ref record);
        var captions = new TrainingCaption[ReadNumber(ref record)];
        for (var i = 0; i < captions.Length; i++)
        {
            captions[i] = new TrainingCaption(ReadText(ref record), ReadText(ref record));
        }

        return new TrainingSample(key, captions, label, source);
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> record)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(record);
        record = record[4..];
        return number;
    }

    private static string ReadText(ref ReadOnlySpan<byte> record)
    {
        var length = ReadNumber(ref record);
        var text = Encoding.UTF8.GetString(record[..length]);
        record = record[length..];
        return text;
    }
}
