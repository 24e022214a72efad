using System.Buffers;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>What is encoded is decoded, for every width and for data of every kind; what is damaged is refused.</summary>
public sealed class CodingTests
{
    [Fact]
    public void Numbers_of_every_width_come_back_from_runs_and_packed_groups()
    {
        var random = new Random(5);
        for (var width = 0; width <= 32; width++)
        {
            var numbers = new List<int>();
            while (numbers.Count < 3000)
            {
                var number = (int)(random.NextInt64(1L << 32) & ((1L << width) - 1));
                numbers.AddRange(Enumerable.Repeat(number, random.Next(3) == 0 ? random.Next(1, 40) : 1));
            }

            var written = new ArrayBufferWriter<byte>();
            RunWriter.Write(numbers.ToArray(), width, written);
            var padded = new byte[written.WrittenCount + BitPacking.Slack];
            written.WrittenSpan.CopyTo(padded);
            var reader = new RunReader(new EncodedBytes(padded, 0, written.WrittenCount), width);
            Assert.Equal(numbers, Read(reader, numbers.Count, random));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(14)]
    [InlineData(64)]
    [InlineData(65_536)]
    [InlineData(300_001)]
    public void Bytes_come_back_from_Snappy_and_Zstandard(int length)
    {
        using var zstandard = Zstandard.Encoder.Create();
        using var decoder = Zstandard.Decoder.Create();
        foreach (var bytes in Samples(length))
        {
            var block = new byte[Math.Max(SnappyEncoder.MostBytes(length), Zstandard.MostBytes(length))];
            var back = new byte[length];
            SnappyDecoder.Decompress(block.AsSpan(0, SnappyEncoder.Compress(bytes, block)), back);
            Assert.Equal(bytes, back);

            Array.Clear(back);
            decoder.Decompress(block.AsSpan(0, zstandard.Compress(bytes, block, 1)), back);
            Assert.Equal(bytes, back);
        }
    }

    [Theory]
    [InlineData("05106162636465", "6162636465")] // a literal
    [InlineData("0500610101", "6161616161")] // and a copy of what it writes
    [InlineData("050061010100", null)] // and a literal too many
    [InlineData("040061010100", null)] // longer than its page
    [InlineData("050C61626364", null)] // shorter than it says
    [InlineData("0500610102", null)] // a copy from before the beginning
    [InlineData("0500610100", null)] // a copy from nowhere
    [InlineData("05006101", null)] // ends in a copy
    [InlineData("05F0", null)] // ends in a length
    [InlineData("85", null)] // ends in the block's length
    public void Snappy_blocks_by_hand_are_read_or_refused(string block, string? content)
    {
        var bytes = Convert.FromHexString(block);
        var into = new byte[5];
        if (content is null)
        {
            Assert.Throws<InvalidDataException>(() => SnappyDecoder.Decompress(bytes, into));
            return;
        }

        SnappyDecoder.Decompress(bytes, into);
        Assert.Equal(content, Convert.ToHexStringLower(into));
    }

    private static List<int> Read(RunReader reader, int count, Random random)
    {
        var read = new List<int>();
        var packed = new uint[40];
        while (read.Count < count)
        {
            var got = reader.Next(Math.Min(random.Next(1, 50), count - read.Count), packed, out var isRun, out var value);
            read.AddRange(isRun ? Enumerable.Repeat((int)value, got) : packed.Take(got).Select(n => (int)n));
        }

        return read;
    }

    private static IEnumerable<byte[]> Samples(int length)
    {
        var random = new Random(length);
        var noise = new byte[length];
        random.NextBytes(noise);
        yield return noise;
        yield return new byte[length];
        yield return [.. Enumerable.Range(0, length).Select(i => (byte)(i % 7))];
        yield return [.. Enumerable.Range(0, length).Select(_ => (byte)"the red house"[random.Next(13)])];
    }
}
