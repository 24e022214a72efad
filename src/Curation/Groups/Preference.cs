namespace Sightline.Curation;

/// <summary>Which of several pairs alike is kept.</summary>
public enum Preference
{
    /// <summary>The one that comes first in the dataset.</summary>
    First,

    /// <summary>The one whose image and caption are most similar, by CLIP's cosine; unknown is least, and equals by row.</summary>
    Best,
}

internal static class Preferences
{
    internal static FilterParameter Parameter { get; } = new("keep", "Keep", ParameterKind.Text, "\"first\"", Choices: ["first", "best"]);

    internal static Preference Of(FilterArguments arguments) => arguments.Text("keep") == "best" ? Preference.Best : Preference.First;

    /// <summary>Higher is kept sooner, and equal ranks by row. Never NaN.</summary>
    internal static float Rank(this Preference preference, float similarity) =>
        preference == Preference.First ? 0 : float.IsNaN(similarity) ? float.NegativeInfinity : similarity;
}
