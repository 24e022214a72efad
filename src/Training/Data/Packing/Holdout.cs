using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Training.Data;

/// <summary>Says which pictures are kept for validation: by the SHA-256 of their keys, so that it is the same on every machine, and stays
/// when others are added.</summary>
internal static class Holdout
{
    private const double TwoTo64 = 18_446_744_073_709_551_616.0;

    /// <param name="share">0 to 1.</param>
    internal static bool Contains(string key, double share) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))) < share * TwoTo64;
}
