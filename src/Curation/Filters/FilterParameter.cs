namespace Sightline.Curation;

public enum ParameterKind
{
    /// <summary>A whole number.</summary>
    Integer,

    Number,

    /// <summary>A number from 0 to 1, shown as per cent.</summary>
    Share,

    Boolean,

    Text,

    /// <summary>Texts.</summary>
    TextList,
}

/// <summary>A setting of a filter, as recipes spell it and the page draws it.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Title">For people, in sentence case.</param>
/// <param name="Kind">What it holds. Where there is no default and none is given, the filter does not use it.</param>
/// <param name="Default">JSON, such as <c>3</c> or <c>["en"]</c>; null: none.</param>
/// <param name="Min">Least value of a number.</param>
/// <param name="Max">Largest value of a number.</param>
/// <param name="Unit">Such as characters or pixels.</param>
/// <param name="Field">The histogram that it cuts, on which the page draws a slider; null: none.</param>
/// <param name="Choices">The texts that are allowed; null: any.</param>
public sealed record FilterParameter(
    string Name, string Title, ParameterKind Kind, string? Default = null, double? Min = null, double? Max = null, string? Unit = null,
    PairField? Field = null, IReadOnlyList<string>? Choices = null);
