using Sightline.Curation.Languages;

namespace Sightline.LanguageTrainer;

/// <summary>Rounds a row to levels of -7 to 7 times a scale of its own: the scale, of six, with the smallest squared error.</summary>
internal static class RowQuantizer
{
    private static readonly float[] Clips = [0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1];

    internal static byte Quantize(ReadOnlySpan<float> row, Span<sbyte> levels)
    {
        var max = 0f;
        foreach (var value in row)
        {
            max = Math.Max(max, Math.Abs(value));
        }

        var (best, bestError) = (NgramModelFile.StepOf(Math.Max(max, 1e-6f) / NgramModelFile.Levels), float.MaxValue);
        foreach (var clip in Clips)
        {
            var step = NgramModelFile.StepOf(Math.Max(max * clip, 1e-6f) / NgramModelFile.Levels);
            var error = 0f;
            foreach (var value in row)
            {
                var difference = (Level(value, step) * NgramModelFile.ScaleOf(step)) - value;
                error += difference * difference;
            }

            if (error < bestError)
            {
                (best, bestError) = (step, error);
            }
        }

        for (var i = 0; i < row.Length; i++)
        {
            levels[i] = Level(row[i], best);
        }

        return best;
    }

    private static sbyte Level(float value, byte step) =>
        (sbyte)Math.Clamp(MathF.Round(value / NgramModelFile.ScaleOf(step)), -NgramModelFile.Levels, NgramModelFile.Levels);
}
