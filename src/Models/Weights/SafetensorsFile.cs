using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>
/// Reads safetensors: a little-endian length, a JSON header of that length, then the numbers, without holes, overlaps or trailing bytes
/// (https://github.com/huggingface/safetensors, "Format").
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>The reference reader refuses longer headers too, in bytes.</summary>
    internal const ulong LongestHeader = 100_000_000;

    private const int MostDimensions = 16;

    private static readonly Dictionary<string, (WeightType Type, int Bits)> Types = new()
    {
        ["BOOL"] = (WeightType.Bool, 8), ["U8"] = (WeightType.UInt8, 8), ["I8"] = (WeightType.Int8, 8), ["I16"] = (WeightType.Int16, 16),
        ["I32"] = (WeightType.Int32, 32), ["I64"] = (WeightType.Int64, 64), ["F16"] = (WeightType.Float16, 16),
        ["BF16"] = (WeightType.BFloat16, 16), ["F32"] = (WeightType.Float32, 32), ["F64"] = (WeightType.Float64, 64),
        ["U16"] = (WeightType.Other, 16), ["U32"] = (WeightType.Other, 32), ["U64"] = (WeightType.Other, 64),
            ["C64"] = (WeightType.Other, 64),
        ["F8_E4M3"] = (WeightType.Other, 8), ["F8_E5M2"] = (WeightType.Other, 8), ["F8_E8M0"] = (WeightType.Other, 8),
        ["F8_E4M3FNUZ"] = (WeightType.Other, 8), ["F8_E5M2FNUZ"] = (WeightType.Other, 8), ["F4"] = (WeightType.Other, 4),
        ["F6_E2M3"] = (WeightType.Other, 6), ["F6_E3M2"] = (WeightType.Other, 6),
    };

    /// <exception cref="InvalidDataException">A rule of the format is broken; says which.</exception>
    internal static Dictionary<string, StoredTensor> Read(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length < 8)
        {
            throw new InvalidDataException($"a safetensors file has at least 8 bytes, this has {length}.");
        }

        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new FileRegion(file, 0, 8).Read());
        if (headerLength > LongestHeader || headerLength > (ulong)(length - 8))
        {
            throw new InvalidDataException($"the header claims {headerLength} bytes of a file of {length}: it was cut short, or is none.");
        }

        var start = 8 + (long)headerLength;
        var tensors = ReadHeader(new FileRegion(file, 8, (long)headerLength).Read(), file, start, length - start, out var covered);
        return covered == length - start
            ? tensors
            : throw new InvalidDataException(
                $"the tensors cover {covered} bytes of data, the file has {length - start}: it was cut short, or has a tail.");
    }

    private static Dictionary<string,
        StoredTensor> ReadHeader(byte[] header, SafeFileHandle file, long start, long available, out long covered)
    {
        using var json = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false });
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException("the header is no JSON object.");
        }

        var tensors = new Dictionary<string, StoredTensor>();
        var ranges = new List<(long Begin, long End, string Name)>();
        foreach (var entry in json.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var (type, bits) = ReadType(entry);
            var shape = ReadNumbers(entry, "shape");
            var offsets = ReadNumbers(entry, "data_offsets");
            if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > available)
            {
                throw new InvalidDataException($"{entry.Name} lies at [{string.Join(", ", offsets)}] of {available} bytes of data.");
            }

            if (shape.Length > MostDimensions || ((Int128)(offsets[1] - offsets[0]) * 8) != BitsOf(shape, bits))
            {
                throw new InvalidDataException(
                    $"{entry.Name} [{string.Join(", ", shape)}] does not fill its {offsets[1] - offsets[0]} bytes.");
            }

            tensors.Add(entry.Name, new StoredTensor(
                type, shape, StoredTensor.RowMajor(shape), 0, new FileRegion(file, start + offsets[0], offsets[1] - offsets[0])));
            ranges.Add((offsets[0], offsets[1], entry.Name));
        }

        covered = 0;
        foreach (var (begin, end, name) in ranges.Order())
        {
            covered = begin == covered ? end
                : throw new InvalidDataException($"{name} begins at {begin}, the tensor before it ends at {covered}.");
        }

        return tensors;
    }

    private static Int128 BitsOf(long[] shape, int bits)
    {
        Int128 product = bits;
        foreach (var size in shape)
        {
            product *= size;
            if (product > long.MaxValue)
            {
                return Int128.MaxValue;
            }
        }

        return product;
    }

    private static (WeightType Type, int Bits) ReadType(JsonProperty entry) =>
        entry.Value.ValueKind == JsonValueKind.Object && entry.Value.TryGetProperty("dtype", out var name)
            && name.ValueKind == JsonValueKind.String && Types.TryGetValue(name.GetString()!, out var type)
            ? type
            : throw new InvalidDataException($"{entry.Name} has no known dtype.");

    private static long[] ReadNumbers(JsonProperty entry, string name)
    {
        if (!entry.Value.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException($"{entry.Name} has no {name}.");
        }

        return [.. list.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                ? number
                : throw new InvalidDataException($"{entry.Name}: {item} is no number for {name}."))];
    }
}
