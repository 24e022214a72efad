using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Search.Tests;

public sealed unsafe class KernelsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(192)]
    [InlineData(1024)]
    public void Every_instruction_set_of_this_machine_gives_the_same_sum(int length)
    {
        var random = new Random(length);
        var (codes, query) = (new byte[length], new sbyte[length]);
        for (var round = 0; round < 20; round++)
        {
            // The extremes would overflow a 16-bit intermediate.
            for (var i = 0; i < length; i++)
            {
                codes[i] = round == 0 ? (byte)255 : (byte)random.Next(1, 256);
                query[i] = round == 0 ? (sbyte)127 : (sbyte)random.Next(-127, 128);
            }

            var expected = Enumerable.Range(0, length).Sum(i => (codes[i] - 128) * query[i]);
            var sum = query.Sum(q => q);
            fixed (byte* code = codes)
            fixed (sbyte* target = query)
            {
                Assert.Equal(expected, Kernels.DotPortable(code, target, length));
                Assert.Equal(expected, Kernels.Dot(code, target, sum, length));
                if (AvxVnni.IsSupported)
                {
                    Assert.Equal(expected, Kernels.DotAvxVnni(code, target, length) - 128 * sum);
                }

                if (Avx512BW.IsSupported)
                {
                    Assert.Equal(expected, Kernels.DotAvx512(code, target, length) - 128 * sum);
                }

                if (Avx2.IsSupported)
                {
                    Assert.Equal(expected, Kernels.DotAvx2(code, target, length) - 128 * sum);
                }

                if (Dp.IsSupported)
                {
                    Assert.Equal(expected, Kernels.DotNeon(code, target, length));
                }
            }
        }
    }

    [Fact]
    public void Codes_are_multiplied_with_each_other_and_16_bit_codes_with_floats()
    {
        var random = new Random(1);
        var (a, b) = (new byte[128], new byte[128]);
        random.NextBytes(a);
        random.NextBytes(b);
        var floats = Vectors.Gaussian(random, 37);
        var shorts = floats.Select(_ => (short)random.Next(short.MinValue, short.MaxValue)).ToArray();
        fixed (byte* x = a, y = b)
        fixed (short* code = shorts)
        fixed (float* query = floats)
        {
            var (expected, sum) = (a.Zip(b).Sum(p => (p.First - 128) * (p.Second - 128)), b.Sum(v => v - 128));
            Assert.Equal(expected, Kernels.DotCodes(x, y, sum, 128));
            Assert.Equal(expected, Kernels.DotCodesPortable(x, y, 128));
            if (AvxVnni.IsSupported)
            {
                Assert.Equal(expected, Kernels.DotCodesAvxVnni(x, y, 128) - 128 * sum);
            }

            if (Avx2.IsSupported)
            {
                Assert.Equal(expected, Kernels.DotCodesAvx2(x, y, 128));
            }

            if (Dp.IsSupported)
            {
                Assert.Equal(expected, Kernels.DotCodesNeon(x, y, 128));
            }

            Assert.Equal(shorts.Zip(floats).Sum(p => p.First * (double)p.Second), Kernels.Dot(code, query, 37), 0.5);
        }
    }
}
