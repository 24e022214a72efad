namespace Sightline.Curation;

/// <summary>Finds what in a caption does not describe the image.</summary>
internal static class CaptionPatterns
{
    /// <param name="caption">UTF-8.</param>
    /// <param name="share">Of the caption's characters that the marks cover, 0 to 1.</param>
    internal static CaptionMarks Find(ReadOnlySpan<byte> caption, out double share)
    {
        share = 0;
        return caption.IndexOf("://"u8) >= 0 ? CaptionMarks.Url : CaptionMarks.None;
    }
}
