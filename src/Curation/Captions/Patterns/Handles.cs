namespace Sightline.Curation;

/// <summary>Finds names such as <c>@someone</c> and tags such as <c>#sunset</c>; "#1", "@ 5 pm" and "C#" are neither.</summary>
internal static class Handles
{
    private const int FewestCharacters = 2;

    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    internal static void Find(ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not ((byte)'@' or (byte)'#') || !MayPrecede(text, at))
            {
                continue;
            }

            var (end, letters) = (at + 1, false);
            while (end < text.Length && (Bytes.IsWord(text[end]) || text[end] == (byte)'_'))
            {
                letters |= Bytes.IsLetter(text[end]);
                end++;
            }

            if (letters && end - at > FewestCharacters)
            {
                marked.Add(CaptionMarks.Handle, at, end);
            }
        }
    }

    // &#8217; is an entity, page.html#top an address, a#b a slip.
    private static bool MayPrecede(ReadOnlySpan<byte> text, int at) =>
        at == 0 || (!Bytes.IsWord(text[at - 1]) && text[at - 1] is not ((byte)'&' or (byte)'/' or (byte)'_' or (byte)'=' or (byte)'.'))
        || (at > 1 && text[at - 1] >= 0x80);
}
