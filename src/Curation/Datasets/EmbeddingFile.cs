using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>A part's embeddings in a file: magic, version, dimensions, number of rows, digest of the weights, then half-precision rows.</summary>
internal static class EmbeddingFile
{
    private const int Version = 1;
    private const int DigestLength = 64;
    private const int HeaderLength = 16 + DigestLength;

    private static ReadOnlySpan<byte> Magic => "SLEM"u8;

    internal static void Write(string path, PartEmbeddings embeddings)
    {
        using var file = AtomicFile.Create(path);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Fill((byte)' ');
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], embeddings.Dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], embeddings.Values.Length / embeddings.Dimensions);
        Encoding.ASCII.GetBytes(embeddings.Space, header[16..]);
        file.Stream.Write(header);
        file.Stream.Write(MemoryMarshal.AsBytes(embeddings.Values));
        file.Commit();
    }

    /// <summary>Null where there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static PartEmbeddings? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        Span<byte> header = stackalloc byte[HeaderLength];
        var read = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        var (dimensions, rows) = (BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        if (read < HeaderLength || !header.StartsWith(Magic) || BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != Version
            || dimensions <= 0 || rows < 0 || file.Length != HeaderLength + (2L * dimensions * rows))
        {
            throw new InvalidDataException($"{path} holds no embeddings that this version reads: measure the dataset again.");
        }

        var values = GC.AllocateUninitializedArray<Half>(dimensions * rows);
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return new PartEmbeddings(Encoding.ASCII.GetString(header[16..]).TrimEnd(), dimensions, values);
    }
}
