using System.Buffers.Binary;

namespace Sightline.Curation.Parquet;

/// <summary>Booleans as runs and bit-packed groups, behind their length in four bytes (Encodings.md, RLE).</summary>
internal sealed class RunBooleanDecoder : Decoder<bool>
{
    private readonly RunReader _runs;

    internal RunBooleanDecoder(EncodedBytes bytes)
    {
        var length = bytes.Length == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(0, 4).Span);
        _runs = new RunReader(bytes.Length == 0 ? bytes : bytes.Slice(4, length), 1);
    }

    internal override void Read(Span<bool> into)
    {
        Span<uint> packed = stackalloc uint[256];
        while (into.Length > 0)
        {
            var count = _runs.Next(into.Length, packed, out var isRun, out var value);
            for (var i = 0; i < count; i++)
            {
                into[i] = ((isRun ? value : packed[i]) & 1) != 0;
            }

            into = into[count..];
        }
    }
}
