using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Parts of a set by a hash of the pictures' keys: the same pictures every time, whatever else the set holds.</summary>
internal static class DataSplit
{
    /// <summary>Whether a picture belongs to the part that is held out.</summary>
    /// <param name="salt">Names the split: two splits of different salts are independent.</param>
    /// <param name="share">Of the pictures, 0 to 1.</param>
    internal static bool IsHeldOut(string key, string salt, double share) => Place(key, salt) < share * (1L << 32);

    /// <summary>Where a key stands in the split's order.</summary>
    internal static uint Place(string key, string salt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\n{key}")));

    /// <returns>Indices into the data, in its order: those that stay, and those that are held out.</returns>
    internal static (int[] Kept, int[] HeldOut) Of(ITrainingData data, IEnumerable<int> indices, string salt, double share)
    {
        var parts = indices.ToLookup(i => IsHeldOut(data[i].Key, salt, share));
        return ([.. parts[false]], [.. parts[true]]);
    }
}
