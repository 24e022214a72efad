namespace Sightline.Models.Generation;

/// <summary>The text that a run's branches read.</summary>
internal static class CaptionRows
{
    /// <summary>One row of tokens for the caption, and one for the empty caption where guided.</summary>
    /// <param name="encode">From a text to at most that many tokens.</param>
    /// <param name="padding">Fills what is left of a row.</param>
    /// <returns>B x <paramref name="length"/> tokens, row by row.</returns>
    internal static long[] Encode(string caption, bool guided, int length, long padding, Func<string, int, int[]> encode)
    {
        string[] captions = guided ? [caption, ""] : [caption];
        var rows = new long[captions.Length * length];
        Array.Fill(rows, padding);
        for (var row = 0; row < captions.Length; row++)
        {
            var tokens = encode(captions[row], length);
            for (var at = 0; at < tokens.Length; at++)
            {
                rows[row * length + at] = tokens[at];
            }
        }

        return rows;
    }
}
