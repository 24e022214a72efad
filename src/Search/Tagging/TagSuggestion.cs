using System.Text.Json;

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

/// <summary>The model's suggestion behind a tag.</summary>
/// <param name="Score">Probability, 0 to 1.</param>
/// <param name="Threshold">What the probability had to reach.</param>
/// <param name="Typographic">It may be the word that is written in the picture.</param>
/// <param name="Job">The job that looked; null: before jobs were kept with their tags.</param>
public sealed record TagSource(double Score, double Threshold, bool Typographic, string Model, string LabelSet, JobId? Job);

/// <param name="Source">The model's suggestion, also where a person has confirmed or rejected it; null where no model says so.</param>
public sealed record ImageTag(ImageId Image, string Name, TagState State, TagSource? Source, DateTimeOffset SetAt);

/// <summary>A place in the review queue, which is in the order of these.</summary>
public readonly record struct ReviewPlace(float Margin, long Image, long Tag, long Set);

/// <param name="Images">Present images that have it, suggestions included.</param>
/// <param name="Suggested">Of these, the ones that nobody has looked at.</param>
public sealed record TagCount(string Name, long Images, long Suggested);

/// <summary>Arguments of a job of kind <see cref="Kind"/>.</summary>
/// <param name="LabelSet">By its name.</param>
/// <param name="Threshold">Least probability of a tag, 0 to 1.</param>
/// <param name="Filter">Only images that pass, see <see cref="FilterJson"/>; null: all. The others' tags stay as they are.</param>
public sealed record TagRequest(string LabelSet, double Threshold, JsonElement? Filter = null)
{
    public const string Kind = "tag";
    public const double DefaultThreshold = 0.5;

    /// <exception cref="ArgumentException">The threshold or the filter cannot be; says why.</exception>
    public void Check()
    {
        if (Threshold is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"The threshold {Threshold} is not in 0 to 1.");
        }

        if (Filter is { } filter)
        {
            FilterJson.Parse(filter);
        }
    }
}
