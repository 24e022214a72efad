using System.Text.RegularExpressions;

namespace Sightline.Search;

/// <summary>The words of a query that names, captions and tags are searched for.</summary>
internal static partial class Words
{
    // Every caption has them; a query matches by its other words.
    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "the", "and", "with", "for", "from", "that", "this", "one", "two", "are", "its", "into", "photo", "picture", "image",
        "der", "die", "das", "und", "mit", "ein", "eine", "einem", "einer", "von", "auf", "foto", "bild",
        "les", "des", "une", "avec", "dans", "sur", "los", "las", "una", "con", "del", "que",
    };

    private const int Shortest = 3;
    private const int Most = 16;

    /// <summary>Lower case, without those that say nothing.</summary>
    internal static IReadOnlyList<string> Of(string text) =>
        [.. Word().Matches(text).Select(m => m.Value.ToLowerInvariant())
            .Where(w => (w.Length >= Shortest || w.Any(char.IsAsciiDigit) || w.Any(c => c >= 0x2E80)) && !Common.Contains(w))
            .Distinct().Take(Most)];

    /// <summary>A text holds each of the words, or words that begin with them.</summary>
    internal static bool AreIn(IReadOnlyList<string> words, string text)
    {
        string[] there = [.. Word().Matches(text).Select(m => m.Value)];
        return words.All(word => Array.Exists(there, t => t.StartsWith(word, StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();
}
