using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>The languages of one script, and what turns the sum of a text's rows into a score for each (a row of weights a
/// language).</summary>
/// <param name="Languages">Codes; <see cref="LanguageGuess.Unknown"/> among them stands for letters that are no words of any.</param>
/// <param name="Prior">Logarithm of each language's writers in millions plus a half; 0 for the unknown.</param>
/// <param name="Bias">A score for each language.</param>
/// <param name="Weights">[languages, <see cref="NgramModel.Dimensions"/>].</param>
internal sealed record NgramLayer(string[] Languages, float[] Prior, float[] Bias, float[] Weights)
{
    /// <summary>The place of <see cref="LanguageGuess.Unknown"/>; -1 where the layer has none.</summary>
    internal int Nonsense { get; } = Array.IndexOf(Languages, LanguageGuess.Unknown);

    /// <summary>Numbers that scores of the layer take: one a language, room for what CLD2 alone names, filled up to whole vectors; minus
    /// infinity where there is no candidate.</summary>
    internal int Room { get; } = RoomFor(Languages.Length);

    /// <summary><see cref="Weights"/> as [dimension, <see cref="Room"/>]: a vector of languages is summed at once.</summary>
    internal float[] Columns { get; } = Transpose(Weights, RoomFor(Languages.Length));

    /// <summary><see cref="Bias"/> of every place in <see cref="Room"/>.</summary>
    internal float[] RoomBias { get; } = Fill(Bias, float.NegativeInfinity);

    /// <summary><see cref="Prior"/> of every place in <see cref="Room"/>.</summary>
    internal float[] RoomPrior { get; } = Fill(Prior, 0);

    private static int RoomFor(int languages) =>
        (languages + Cld2.Answers + Vector256<float>.Count - 1) / Vector256<float>.Count * Vector256<float>.Count;

    private static float[] Fill(float[] values, float rest)
    {
        var filled = new float[RoomFor(values.Length)];
        Array.Fill(filled, rest);
        values.CopyTo(filled, 0);
        return filled;
    }

    private static float[] Transpose(float[] weights, int room)
    {
        var columns = new float[NgramModel.Dimensions * room];
        for (var i = 0; i < weights.Length; i++)
        {
            columns[(i % NgramModel.Dimensions * room) + (i / NgramModel.Dimensions)] = weights[i];
        }

        return columns;
    }
}
