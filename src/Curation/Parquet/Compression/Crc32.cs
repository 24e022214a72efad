using System.Buffers.Binary;

namespace Sightline.Curation.Parquet;

/// <summary>CRC-32 as gzip computes it (RFC 1952, section 8), eight bytes a step; pages may carry one (parquet.thrift,
/// PageHeader.crc).</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[][] Tables = BuildTables();

    internal static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        var (t0, t1, t2, t3) = (Tables[7], Tables[6], Tables[5], Tables[4]);
        var (t4, t5, t6, t7) = (Tables[3], Tables[2], Tables[1], Tables[0]);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc = t0[(byte)word] ^ t1[(byte)(word >> 8)] ^ t2[(byte)(word >> 16)] ^ t3[(byte)(word >> 24)]
                ^ t4[(byte)(word >> 32)] ^ t5[(byte)(word >> 40)] ^ t6[(byte)(word >> 48)] ^ t7[(byte)(word >> 56)];
        }

        foreach (var next in bytes)
        {
            crc = t7[(byte)(crc ^ next)] ^ crc >> 8;
        }

        return ~crc;
    }

    /// <summary>The table of step k says what a byte does to the remainder k bytes later.</summary>
    private static uint[][] BuildTables()
    {
        var tables = new uint[8][];
        for (var step = 0; step < tables.Length; step++)
        {
            tables[step] = new uint[256];
            for (var i = 0u; i < 256; i++)
            {
                if (step > 0)
                {
                    tables[step][i] = tables[step - 1][i] >> 8 ^ tables[0][(byte)tables[step - 1][i]];
                    continue;
                }

                var crc = i;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
                }

                tables[0][i] = crc;
            }
        }

        return tables;
    }
}
