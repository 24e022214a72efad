namespace Sightline.Search;

/// <summary>What a model says of an image.</summary>
/// <param name="Score">Probability, 0 to 1.</param>
internal readonly record struct TagSuggestion(ImageId Image, string Tag, double Score, double Threshold, bool Typographic);

public enum TagState
{
    /// <summary>By a model; nobody has looked at it.</summary>
    Suggested,

    /// <summary>By a person, or confirmed by one.</summary>
    Accepted,

    /// <summary>A person says that it is not so; no model brings it back.</summary>
    Rejected,
}

/// <param name="ByPerson">A person gave it, accepted it or rejected it.</param>
/// <param name="Score">The model's probability; null where no model said so.</param>
/// <param name="Threshold">What the probability had to reach.</param>
/// <param name="Typographic">It may be the word that is written in the picture.</param>
/// <param name="Model">The model that suggested it.</param>
/// <param name="LabelSet">The set it was suggested from.</param>
public sealed record ImageTag(
    ImageId Image, string Name, TagState State, bool ByPerson, double? Score, double? Threshold, bool Typographic, string? Model, string? LabelSet,
    DateTimeOffset SetAt);

/// <param name="Images">Present images that have it, suggestions included.</param>
/// <param name="Suggested">Of these, the ones that nobody has looked at.</param>
public sealed record TagCount(string Name, long Images, long Suggested);

/// <summary>Arguments of a job of kind <see cref="Kind"/>.</summary>
/// <param name="LabelSet">By its name.</param>
/// <param name="Threshold">Least probability of a tag, 0 to 1.</param>
public sealed record TagRequest(string LabelSet, double Threshold)
{
    public const string Kind = "tag";
    public const double DefaultThreshold = 0.5;
}
