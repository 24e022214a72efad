using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>
/// The tensors of a checkpoint file, whichever container it comes in: safetensors, or PyTorch's zip, legacy stream and TorchScript
/// archive. Nothing in the file is executed.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private readonly List<SafeFileHandle> _files;

    private Checkpoint(string path, IReadOnlyDictionary<string, StoredTensor> tensors, List<SafeFileHandle> files)
    {
        Path = path;
        Tensors = tensors;
        _files = files;
    }

    internal string Path { get; }

    /// <summary>By name, as stored, less a <c>module.</c> in front of all of them (what PyTorch's DistributedDataParallel
    /// leaves).</summary>
    internal IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <param name="path">A checkpoint file, or an index of shards (<c>*.index.json</c>).</param>
    /// <exception cref="ModelFormatException">The file is damaged or of an unknown kind.</exception>
    internal static Checkpoint Open(string path)
    {
        var files = new List<SafeFileHandle>();
        try
        {
            var tensors = path.EndsWith(".index.json", StringComparison.Ordinal) ? ReadShards(path, files) : ReadFile(path, files);
            return new Checkpoint(path, WithoutCommonPrefix(tensors, "module."), files);
        }
        catch (Exception e)
        {
            files.ForEach(f => f.Dispose());
            switch (e)
            {
                case ModelFormatException:
                    throw;
                case InvalidDataException or IOException or UnauthorizedAccessException or JsonException or OverflowException:
                    throw new ModelFormatException(path, e.Message, e);
                default:
                    throw;
            }
        }
    }

    public void Dispose() => _files.ForEach(f => f.Dispose());

    private static Dictionary<string, StoredTensor> ReadFile(string path, List<SafeFileHandle> files)
    {
        var file = File.OpenHandle(path);
        files.Add(file);
        Span<byte> head = stackalloc byte[16];
        head = head[..RandomAccess.Read(file, head, 0)];
        if (head.StartsWith("PK\x03\x04"u8))
        {
            return TorchArchive.Read(file);
        }

        if (head.StartsWith(LegacyTorchFile.Magic))
        {
            return LegacyTorchFile.Read(file);
        }

        if (head.Length > 8 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) <= SafetensorsFile.LongestHeader)
        {
            return SafetensorsFile.Read(file);
        }

        throw new ModelFormatException(path, head.IsEmpty
            ? "the file is empty."
            : "this is neither safetensors nor a PyTorch file (zip, legacy stream or TorchScript archive).");
    }

    private static Dictionary<string, StoredTensor> ReadShards(string path, List<SafeFileHandle> files)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(path));
        if (index.RootElement.ValueKind != JsonValueKind.Object
            || !index.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(path, "an index of shards has an object weight_map; this has none.");
        }

        var folder = System.IO.Path.GetDirectoryName(path)!;
        var shards = new Dictionary<string, Dictionary<string, StoredTensor>>();
        var tensors = new Dictionary<string, StoredTensor>();
        foreach (var entry in map.EnumerateObject())
        {
            var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (shard.Length == 0 || shard != System.IO.Path.GetFileName(shard))
            {
                throw new ModelFormatException(path, $"{entry.Name} lies in {entry.Value}, which is no file name.");
            }

            if (!shards.TryGetValue(shard, out var held))
            {
                shards.Add(shard, held = ReadFile(System.IO.Path.Combine(folder, shard), files));
            }

            tensors[entry.Name] = held.TryGetValue(entry.Name, out var tensor)
                ? tensor
                : throw new ModelFormatException(path, $"{entry.Name} is not in {shard}, where the index says it is.");
        }

        return tensors;
    }

    private static Dictionary<string, StoredTensor> WithoutCommonPrefix(Dictionary<string, StoredTensor> tensors, string prefix) =>
        tensors.Count > 0 && tensors.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal))
            ? tensors.ToDictionary(t => t.Key[prefix.Length..], t => t.Value)
            : tensors;
}
