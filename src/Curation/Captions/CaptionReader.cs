using Sightline.Curation.Languages;

namespace Sightline.Curation;

/// <summary>Reads captions once and tells all that filters ask of them. Thread-safe.</summary>
public sealed class CaptionReader(LanguageIdentifier languages)
{
    /// <param name="caption">UTF-8.</param>
    public CaptionFacts Read(ReadOnlySpan<byte> caption)
    {
        var counts = CaptionFacts.Count(caption);
        var marks = CaptionPatterns.Find(caption, out var markedShare);
        var guess = languages.Identify(caption);
        return counts with
        {
            Hash = CaptionHash.Of(caption),
            Marks = marks,
            MarkedShare = (Half)markedShare,
            RepeatedShare = (Half)CaptionRepeats.Share(caption, counts.Words),
            Language = new LanguageCode(guess.Language),
            SecondLanguage = new LanguageCode(guess.Second),
            LanguageConfidence = (Half)guess.Confidence,
            SecondLanguageShare = (Half)guess.SecondShare,
        };
    }
}
