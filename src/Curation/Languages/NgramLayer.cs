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
}
