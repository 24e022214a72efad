using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>
/// Reads what torch.save wrote before 1.6: five pickles (magic, protocol, system, the object, the list of storage keys), then for each
/// key an int64 count and the numbers.
/// </summary>
internal static class LegacyTorchFile
{
    private const long LongestHead = 256 << 20;

    /// <summary>The pickled magic number 0x1950a86a20f9469cfc6c.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

    /// <exception cref="InvalidDataException">The file is damaged or was cut short.</exception>
    internal static Dictionary<string, StoredTensor> Read(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);

        // The pickles come first and are small beside the numbers; a window doubles until they fit.
        for (var window = Math.Min(length, 1 << 20); ; window = Math.Min(Math.Min(length, LongestHead), window * 4))
        {
            try
            {
                return Read(file, new FileRegion(file, 0, window).Read(), length);
            }
            catch (InvalidDataException) when (window < length && window < LongestHead)
            {
                // Cut off by the window, or damaged: a larger window tells.
            }
        }
    }

    private static Dictionary<string, StoredTensor> Read(SafeFileHandle file, ReadOnlySpan<byte> head, long length)
    {
        var position = 0;
        var pickles = new object?[5];
        for (var i = 0; i < pickles.Length; i++)
        {
            pickles[i] = PickleReader.Read(head[position..], out var read);
            position += read;
        }

        if (pickles[2] is PickleDictionary system && system.TryGet("little_endian", out var little) && little is false)
        {
            throw new InvalidDataException("the numbers are big-endian.");
        }

        var keys = pickles[4] as List<object?> ?? throw new InvalidDataException("the list of storages is missing.");
        var sizes = new Dictionary<string, int>();
        FindStorageSizes(pickles[3], sizes);
        var regions = new Dictionary<string, FileRegion>();
        long at = position;
        foreach (var key in keys.OfType<string>())
        {
            if (at > length - 8)
            {
                throw new InvalidDataException($"storage {key} is missing: the file was cut short.");
            }

            var count = BinaryPrimitives.ReadInt64LittleEndian(new FileRegion(file, at, 8).Read());
            if (!sizes.TryGetValue(key, out var size))
            {
                throw new InvalidDataException($"storage {key} belongs to no tensor, so that its length is unknown.");
            }

            if (count < 0 || count > (length - at - 8) / size)
            {
                throw new InvalidDataException($"storage {key} claims {count} numbers: the file was cut short.");
            }

            regions[key] = new FileRegion(file, at + 8, count * size);
            at += 8 + count * size;
        }

        return PickledTensors.Find(pickles[3], key => regions.TryGetValue(key, out var region) ? region : null);
    }

    // The stream gives each storage's count but not the size of a number; that is in the references to it, wherever they are.
    private static void FindStorageSizes(object? root, Dictionary<string, int> sizes)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object?>([root]);
        while (open.TryPop(out var node))
        {
            if (node is null or string or long or bool or double || !seen.Add(node))
            {
                continue;
            }

            switch (node)
            {
                case PickleTensor { Storage: PickleStorage { Tuple: object?[] and ["storage", PickleGlobal type, string key, ..] } }:
                    sizes[key] = SizeOf(type.Name);
                    break;
                case PickleDictionary dictionary:
                    dictionary.Items.ForEach(item => open.Push(item.Value));
                    break;
                case PickleRecord record:
                    open.Push(record.Arguments);
                    open.Push(record.State);
                    break;
                case IEnumerable<object?> list:
                    list.ToList().ForEach(open.Push);
                    break;
            }
        }
    }

    private static int SizeOf(string storage) => storage switch
    {
        "DoubleStorage" or "LongStorage" or "ComplexFloatStorage" => 8,
        "HalfStorage" or "BFloat16Storage" or "ShortStorage" => 2,
        "ByteStorage" or "CharStorage" or "BoolStorage" => 1,
        "ComplexDoubleStorage" => 16,
        _ => 4,
    };
}
