using System.Buffers.Binary;

namespace Sightline.Training.Data;

/// <summary>First 64 bytes of both files of packed pictures, little-endian: 8 bytes of magic, version, the file's number (the squares'
/// side, or the length of the description), count of pictures (8 bytes), and their digest, SHA-256.</summary>
internal sealed record PackedHeader(long Count, int Number, byte[] Digest)
{
    internal const int Length = 64;
    internal const int Version = 1;

    internal byte[] ToBytes(ReadOnlySpan<byte> magic)
    {
        var bytes = new byte[Length];
        magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Count);
        Digest.CopyTo(bytes, 24);
        return bytes;
    }

    /// <exception cref="InvalidDataException">It is no such file, or of another version.</exception>
    internal static PackedHeader Parse(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic, string path)
    {
        if (bytes.Length < Length || !bytes.StartsWith(magic))
        {
            throw new InvalidDataException($"{path} is no file of packed pictures.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new InvalidDataException($"{path} is of version {version}, and {Version} is read: pack the pictures again.");
        }

        var header = new PackedHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            bytes.Slice(24, 32).ToArray());
        return header.Count is >= 0 and <= int.MaxValue && header.Number >= 0
            ? header : throw new InvalidDataException($"{path} has a damaged header: {header.Count} pictures.");
    }
}
