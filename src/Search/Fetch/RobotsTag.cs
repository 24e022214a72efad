namespace Sightline.Search;

/// <summary>
/// The header X-Robots-Tag, by which a server says what may not be done with a file: directives for all, or after the name of a robot for
/// that one (https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag).
/// </summary>
internal static class RobotsTag
{
    // What has a colon and is no robot.
    private static readonly string[] WithValues = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];

    /// <summary>The first of the directives that a header's value has for this robot; null: none.</summary>
    internal static string? Find(string value, string robot, IReadOnlyCollection<string> directives)
    {
        var isOurs = true;
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var directive = part;
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0 && !WithValues.Contains(part[..colon].Trim(), StringComparer.OrdinalIgnoreCase))
            {
                // The name holds for what follows, up to the next.
                isOurs = part[..colon].Trim() is var name && (name == "*" || name.Equals(robot, StringComparison.OrdinalIgnoreCase));
                directive = part[(colon + 1)..].Trim();
            }

            if (isOurs && directives.Contains(directive, StringComparer.OrdinalIgnoreCase))
            {
                return directive.ToLowerInvariant();
            }
        }

        return null;
    }
}
