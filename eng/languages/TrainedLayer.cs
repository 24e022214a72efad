using System.Security.Cryptography;
using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>One script's part of the model, rows rounded.</summary>
/// <param name="Keys">The n-grams' hashes, ascending.</param>
/// <param name="Steps">Each row's scale, as <see cref="NgramModelFile"/> has it.</param>
/// <param name="Levels">[keys, dimensions].</param>
internal sealed record TrainedLayer(NgramLayer Languages, uint[] Keys, byte[] Steps, sbyte[] Levels)
{
    /// <summary>Puts the scripts together. Their n-grams are hashed with seeds of their own; where two meet all the same, the first
    /// script's row is kept.</summary>
    internal static void Write(TrainedLayer[] layers, string output)
    {
        var rows = layers.SelectMany((layer, l) => layer.Keys.Select((key, i) => (Key: key, Layer: l, Row: i)))
            .OrderBy(row => row.Key).ThenBy(row => row.Layer).DistinctBy(row => row.Key).ToList();
        var levels = new sbyte[rows.Count * NgramModel.Dimensions];
        for (var i = 0; i < rows.Count; i++)
        {
            layers[rows[i].Layer].Levels.AsSpan(rows[i].Row * NgramModel.Dimensions, NgramModel.Dimensions)
                .CopyTo(levels.AsSpan(i * NgramModel.Dimensions));
        }

        var temporary = output + ".new";
        using (var stream = File.Create(temporary))
        {
            NgramModelFile.Write(
                stream, [.. layers.Select(layer => layer.Languages)], [.. rows.Select(row => row.Key)],
                [.. rows.Select(row => layers[row.Layer].Steps[row.Row])], levels);
        }

        File.Move(temporary, output, overwrite: true);
        Console.WriteLine($"{output}: {rows.Count} n-grams, {new FileInfo(output).Length:N0} bytes, "
            + $"SHA-256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(output)))}");
    }
}
