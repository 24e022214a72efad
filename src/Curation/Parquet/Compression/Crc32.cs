using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Curation.Parquet;

/// <summary>CRC-32 as gzip computes it (RFC 1952, section 8), 64 bytes a step where the processor multiplies
/// without carries, otherwise eight; pages may carry one (parquet.thrift,
/// PageHeader.crc).</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int LeastFolded = 128;

    private static readonly uint[][] Tables = BuildTables();

    internal static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        if (Pclmulqdq.IsSupported && bytes.Length >= LeastFolded)
        {
            crc = Fold(crc, ref bytes);
        }

        return ~Step(crc, bytes);
    }

    private static uint Step(uint crc, ReadOnlySpan<byte> bytes)
    {
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

        return crc;
    }

    // Gopal et al. 2009, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel): 64 bytes a step, multiplied with
    // x to the power of their distance, until 16 are left that have the same remainder. Takes whole 16 bytes.
    private static uint Fold(uint crc, ref ReadOnlySpan<byte> bytes)
    {
        var (by64, by16) = (Vector128.Create(0x154442BD4UL, 0x1C6E41596UL), Vector128.Create(0x1751997D0UL, 0x0CCAA009EUL));
        var (a, b, c, d) = (At(bytes, 0) ^ Vector128.CreateScalar((ulong)crc), At(bytes, 16), At(bytes, 32), At(bytes, 48));
        for (bytes = bytes[64..]; bytes.Length >= 64; bytes = bytes[64..])
        {
            (a, b) = (Times(a, by64) ^ At(bytes, 0), Times(b, by64) ^ At(bytes, 16));
            (c, d) = (Times(c, by64) ^ At(bytes, 32), Times(d, by64) ^ At(bytes, 48));
        }

        b ^= Times(a, by16);
        c ^= Times(b, by16);
        d ^= Times(c, by16);
        for (; bytes.Length >= 16; bytes = bytes[16..])
        {
            d = Times(d, by16) ^ At(bytes, 0);
        }

        Span<byte> rest = stackalloc byte[16];
        d.AsByte().CopyTo(rest);
        return Step(0, rest);
    }

    private static Vector128<ulong> At(ReadOnlySpan<byte> bytes, int at) => Vector128.Create(bytes.Slice(at, 16)).AsUInt64();

    private static Vector128<ulong> Times(Vector128<ulong> value, Vector128<ulong> powers) =>
        Pclmulqdq.CarrylessMultiply(value, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, powers, 0x11);

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
