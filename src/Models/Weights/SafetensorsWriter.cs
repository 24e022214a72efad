using System.Buffers.Binary;
using System.Text.Json;

namespace Sightline.Models.Weights;

/// <summary>A tensor to write: row-major, little-endian.</summary>
internal sealed record TensorToWrite(string Name, WeightType Type, long[] Shape, byte[] Data);

/// <summary>Writes safetensors, to a temporary name that is then renamed.</summary>
internal static class SafetensorsWriter
{
    internal static void Write(string path, IReadOnlyList<TensorToWrite> tensors)
    {
        // The format asks for wider types first, so that every tensor is aligned.
        var ordered = tensors.OrderByDescending(t => t.Type.Size()).ThenBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered);
        var temporary = path + ".tmp";
        using (var file = File.Create(temporary))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            ordered.ForEach(t => file.Write(t.Data));
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Writes <c>model-00001-of-0000N.safetensors</c>, each at most <paramref name="shardBytes"/> of data, and their
    /// index.</summary>
    /// <param name="stem">What the files' names begin with.</param>
    internal static void WriteSharded(string folder, IReadOnlyList<TensorToWrite> tensors, long shardBytes, string stem = "model")
    {
        var shards = new List<List<TensorToWrite>> { new() };
        foreach (var tensor in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (shards[^1].Count > 0 && shards[^1].Sum(t => t.Data.LongLength) + tensor.Data.LongLength > shardBytes)
            {
                shards.Add([]);
            }

            shards[^1].Add(tensor);
        }

        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = $"{stem}-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            Write(Path.Combine(folder, name), shards[i]);
            shards[i].ForEach(t => map.Add(t.Name, name));
        }

        var index = new { metadata = new { total_size = tensors.Sum(t => t.Data.LongLength) }, weight_map = map };
        File.WriteAllText(Path.Combine(folder, $"{stem}.safetensors.index.json"), JsonSerializer.Serialize(index, JsonSerializerOptions.Web));
    }

    private static byte[] Header(List<TensorToWrite> tensors)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", NameOf(tensor.Type));
                json.WriteStartArray("shape");
                Array.ForEach(tensor.Shape, json.WriteNumberValue);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Data.LongLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static string NameOf(WeightType type) => type switch
    {
        WeightType.Float16 => "F16",
        WeightType.BFloat16 => "BF16",
        WeightType.Float32 => "F32",
        WeightType.Int64 => "I64",
        _ => throw new NotSupportedException($"{type} is not written."),
    };
}
