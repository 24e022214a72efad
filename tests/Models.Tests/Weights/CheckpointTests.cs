using System.Buffers.Binary;
using System.Text;
using Sightline.Models.Weights;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Weights;

/// <summary>What is written is read back; what is damaged or hostile is refused with the file's name, whatever byte it is.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_are_read_as_they_were_written_whole_or_in_shards()
    {
        var tensors = new[] { Floats("b", 1, 2, 3, 4, 5, 6), Floats("a", 7), new TensorToWrite("n", WeightType.Int64, [1], BitConverter.GetBytes(9L)) };
        SafetensorsWriter.Write(_folder.PathOf("whole.safetensors"), tensors);
        SafetensorsWriter.WriteSharded(_folder.Path, tensors, shardBytes: 8);

        foreach (var file in new[] { "whole.safetensors", "model.safetensors.index.json" })
        {
            using var checkpoint = Checkpoint.Open(_folder.PathOf(file));
            Assert.Equal([1, 2, 3, 4, 5, 6], checkpoint.Tensors["b"].ReadFloats());
            Assert.Equal([7], checkpoint.Tensors["a"].ReadFloats());
            Assert.Equal([9], checkpoint.Tensors["n"].ReadIntegers());
        }
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "does not fill")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "cover 4 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 0, "of 0 bytes of data")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "begins at 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "begins at 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "a")]
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "no known dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807],\"data_offsets\":[0,4]}}", 4, "does not fill")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "no number for shape")]
    [InlineData("{\"a\":[1]}", 0, "no known dtype")]
    [InlineData("{\"a\":", 0, "")]
    public void Broken_safetensors_are_refused_with_the_rule_they_break(string header, int dataBytes, string problem)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        Refused(bytes, problem);
    }

    [Fact]
    public void A_header_that_claims_more_than_the_file_has_is_refused_before_anything_is_allocated()
    {
        var bytes = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 99_000_000);
        bytes[8] = (byte)'{';
        Refused(bytes, "cut short");
    }

    [Theory]
    [InlineData(new byte[0], "empty")]
    [InlineData(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0 }, "neither safetensors nor")]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "cut short")]
    public void Files_of_other_kinds_are_told_apart(byte[] bytes, string problem) => Refused(bytes, problem);

    [SharedTheory]
    [InlineData("clip-openai-vit", "state_dict.pt")]
    [InlineData("clip-openai-vit", "state_dict_legacy.pt")]
    [InlineData("clip-openai-rn", "torchscript.pt")]
    public void A_checkpoint_cut_anywhere_or_with_any_byte_changed_is_read_or_refused_and_nothing_else(string folder, string file)
    {
        var whole = File.ReadAllBytes(SharedData.PathOf("golden", folder, file));
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var bytes = (byte[])whole.Clone();
            if (round % 2 == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }
            else
            {
                // The head and the tail hold the structure.
                var at = random.Next(3) == 0 ? random.Next(bytes.Length) : random.Next(2) == 0 ? random.Next(Math.Min(bytes.Length, 40_000)) : bytes.Length - 1 - random.Next(4_000);
                bytes[at] = (byte)random.Next(256);
            }

            var path = _folder.PathOf("damaged.pt");
            File.WriteAllBytes(path, bytes);
            try
            {
                using var checkpoint = Checkpoint.Open(path);
                Assert.NotNull(checkpoint.Tensors);
            }
            catch (ModelFormatException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    private void Refused(byte[] bytes, string problem)
    {
        var path = _folder.PathOf("broken.safetensors");
        File.WriteAllBytes(path, bytes);

        var refused = Assert.Throws<ModelFormatException>(() => Checkpoint.Open(path));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private static TensorToWrite Floats(string name, params float[] values) =>
        new(name, WeightType.Float32, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
