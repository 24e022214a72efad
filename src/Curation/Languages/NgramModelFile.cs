using System.IO.Compression;
using System.Text;

namespace Sightline.Curation.Languages;

/// <summary>
/// The n-gram model as a file, compressed by Brotli: magic, version, counts; for each script its languages with prior, bias and weights;
/// the hashes in ascending order as differences (7 bits a byte); the rows as a scale and 32 numbers of 4 bits each, -7 to 7.
/// </summary>
internal static class NgramModelFile
{
    internal const int Levels = 7;

    private const uint Magic = 0x4d4c4c53; // "SLLM"
    private const int Version = 1;

    // Scales are in steps of an eighth of an octave, the smallest 2^-20.
    private const int ScaleStepsPerOctave = 8;
    private const int SmallestScale = -20;

    internal static float ScaleOf(byte step) => MathF.Pow(2, SmallestScale + ((float)step / ScaleStepsPerOctave));

    internal static byte StepOf(float scale) =>
        (byte)Math.Clamp(Math.Round((Math.Log2(scale) - SmallestScale) * ScaleStepsPerOctave), byte.MinValue, byte.MaxValue);

    /// <exception cref="InvalidDataException">The stream is no model of this version.</exception>
    internal static NgramModel Read(Stream stream)
    {
        using var brotli = new BrotliStream(stream, CompressionMode.Decompress);
        using var reader = new BinaryReader(brotli, Encoding.UTF8);
        if (reader.ReadUInt32() != Magic || reader.ReadInt32() is var version && version != Version)
        {
            throw new InvalidDataException($"The language model is not of version {Version}; make it again with eng/languages.");
        }

        var (dimensions, scripts, count) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (dimensions != NgramModel.Dimensions || scripts != Scripts.Modelled || count < 0)
        {
            throw new InvalidDataException($"The language model has {dimensions} dimensions and {scripts} scripts.");
        }

        var layers = new NgramLayer[scripts];
        for (var i = 0; i < scripts; i++)
        {
            layers[i] = ReadLayer(reader);
        }

        return new NgramModel(ReadKeys(reader, count), ReadRows(reader, count), layers);
    }

    /// <param name="steps">A scale's step for each key.</param>
    /// <param name="levels">[keys, <see cref="NgramModel.Dimensions"/>] from -<see cref="Levels"/> to <see cref="Levels"/>.</param>
    /// <param name="keys">Ascending.</param>
    internal static void Write(Stream stream, NgramLayer[] layers, uint[] keys, byte[] steps, sbyte[] levels)
    {
        using var brotli = new BrotliStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
        using var writer = new BinaryWriter(brotli, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(NgramModel.Dimensions);
        writer.Write(layers.Length);
        writer.Write(keys.Length);
        foreach (var layer in layers)
        {
            WriteLayer(writer, layer);
        }

        var previous = 0u;
        foreach (var key in keys)
        {
            writer.Write7BitEncodedInt((int)(key - previous));
            previous = key;
        }

        writer.Write(steps);
        for (var i = 0; i < levels.Length; i += 2)
        {
            writer.Write((byte)((levels[i] + Levels) | ((levels[i + 1] + Levels) << 4)));
        }
    }

    private static NgramLayer ReadLayer(BinaryReader reader)
    {
        var languages = new string[reader.ReadInt32()];
        var (prior, bias) = (new float[languages.Length], new float[languages.Length]);
        var weights = new float[languages.Length * NgramModel.Dimensions];
        for (var i = 0; i < languages.Length; i++)
        {
            (languages[i], prior[i], bias[i]) = (reader.ReadString(), reader.ReadSingle(), reader.ReadSingle());
            for (var d = 0; d < NgramModel.Dimensions; d++)
            {
                weights[(i * NgramModel.Dimensions) + d] = reader.ReadSingle();
            }
        }

        return new NgramLayer(languages, prior, bias, weights);
    }

    private static void WriteLayer(BinaryWriter writer, NgramLayer layer)
    {
        writer.Write(layer.Languages.Length);
        for (var i = 0; i < layer.Languages.Length; i++)
        {
            writer.Write(layer.Languages[i]);
            writer.Write(layer.Prior[i]);
            writer.Write(layer.Bias[i]);
            for (var d = 0; d < NgramModel.Dimensions; d++)
            {
                writer.Write(layer.Weights[(i * NgramModel.Dimensions) + d]);
            }
        }
    }

    private static uint[] ReadKeys(BinaryReader reader, int count)
    {
        var keys = new uint[count];
        var previous = 0u;
        for (var i = 0; i < count; i++)
        {
            keys[i] = previous += (uint)reader.Read7BitEncodedInt();
        }

        return keys;
    }

    private static short[] ReadRows(BinaryReader reader, int count)
    {
        var steps = reader.ReadBytes(count);
        var packed = reader.ReadBytes(count * NgramModel.Dimensions / 2);
        if (packed.Length != count * NgramModel.Dimensions / 2)
        {
            throw new InvalidDataException("The language model ends too early.");
        }

        var rows = new short[count * NgramModel.Dimensions];
        for (var i = 0; i < rows.Length; i++)
        {
            var level = ((packed[i / 2] >> (i % 2 * 4)) & 15) - Levels;
            var steps1024 = level * ScaleOf(steps[i / NgramModel.Dimensions]) * NgramModel.StepsPerUnit;
            rows[i] = (short)Math.Clamp(MathF.Round(steps1024), short.MinValue, short.MaxValue);
        }

        return rows;
    }
}
