using Microsoft.Win32.SafeHandles;

namespace Sightline.Models.Weights;

/// <summary>
/// Reads PyTorch's zip container (torch.save since 1.6) and TorchScript archives, which are the same but for the code beside the
/// weights; the code is never looked at. Locates the root folder by its <c>data.pkl</c>.
/// </summary>
internal static class TorchArchive
{
    // A state dict's pickle holds names and sizes; the numbers lie in entries of their own.
    private const long LongestPickle = 512 << 20;

    /// <exception cref="InvalidDataException">The archive or its pickle is damaged.</exception>
    internal static Dictionary<string, StoredTensor> Read(SafeFileHandle file)
    {
        var entries = ZipDirectory.Read(file);
        var pickle = entries.Keys.Where(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))
            .MinBy(name => name.Length)
            ?? throw new InvalidDataException("this zip file holds no data.pkl: it is no PyTorch checkpoint.");
        var root = pickle[..^"data.pkl".Length];
        if (entries.TryGetValue(root + "byteorder", out var order) && order.Length <= 8 && !order.Read().AsSpan().SequenceEqual("little"u8))
        {
            throw new InvalidDataException("the numbers are big-endian.");
        }

        if (entries[pickle].Length > LongestPickle)
        {
            throw new InvalidDataException($"data.pkl has {entries[pickle].Length} bytes: no state dict is so long.");
        }

        var content = PickleReader.Read(entries[pickle].Read(), out _);
        return PickledTensors.Find(content, key => entries.TryGetValue($"{root}data/{key}", out var region) ? region : null);
    }
}
