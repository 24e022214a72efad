using System.Buffers;

namespace Sightline.Curation;

/// <summary>
/// Finds web addresses, with a scheme, with www, or as a host with a known end ("example.com/x"), and e-mail addresses. "3.5mm", "e.g.this",
/// "U.S.A." and a sentence that ends without a blank ("dog.The") are none.
/// </summary>
internal static class WebAddresses
{
    private static readonly SearchValues<byte> AfterHost = SearchValues.Create("/?#:"u8);

    // What ends a text that an address stands in: brackets, quotes, the marks of markup.
    private static readonly SearchValues<byte> Around = SearchValues.Create("<>()[]{}\"'|,;!*\\^`"u8);

    private static readonly SearchValues<byte> AroundHost = SearchValues.Create("<>()[]{}\"'|,;!*\\^`@="u8);

    /// <param name="caption">As it is.</param>
    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    /// <param name="marked">Takes the addresses.</param>
    internal static void Find(ReadOnlySpan<byte> caption, ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = Bytes.AfterToken(text, at);
            var token = text[at..end];
            if (token.ContainsAny((byte)'.', (byte)'/', (byte)'@'))
            {
                FindInToken(caption[at..end], token, at, ref marked);
            }

            at = end + 1;
        }
    }

    private static void FindInToken(ReadOnlySpan<byte> caption, ReadOnlySpan<byte> token, int offset, ref MarkedBytes marked)
    {
        var scheme = token.IndexOf("://"u8);
        if (scheme > 0)
        {
            MarkSchemed(token, scheme, offset, ref marked);
            return;
        }

        for (var at = 0; at < token.Length;)
        {
            var length = token[at..].IndexOfAny(Around);
            var end = length < 0 ? token.Length : at + length;
            FindInPart(caption[at..end], token[at..end], offset + at, ref marked);
            at = end + 1;
        }
    }

    // https://example.com/a(b)?c, with what stands before the scheme left out.
    private static void MarkSchemed(ReadOnlySpan<byte> token, int scheme, int offset, ref MarkedBytes marked)
    {
        var start = scheme;
        while (start > 0 && token[start - 1] is >= (byte)'a' and <= (byte)'z' or (byte)'+')
        {
            start--;
        }

        var rest = token[(scheme + 3)..];
        if (start < scheme && rest.Length > 0 && Bytes.IsWord(rest[0]))
        {
            marked.Add(CaptionMarks.Url, offset + start, offset + WithoutEnd(token, token.Length));
        }
    }

    private static void FindInPart(ReadOnlySpan<byte> caption, ReadOnlySpan<byte> part, int offset, ref MarkedBytes marked)
    {
        var sign = part.IndexOf((byte)'@');
        if (sign > 0)
        {
            MarkEmail(part, sign, offset, ref marked);
            return;
        }

        var end = WithoutEnd(part, part.Length);
        if (end > 0 && IsHost(caption[..end], part[..end]))
        {
            marked.Add(CaptionMarks.Url, offset, offset + end);
        }
    }

    // someone.else+tag@mail.example.org
    private static void MarkEmail(ReadOnlySpan<byte> part, int sign, int offset, ref MarkedBytes marked)
    {
        var start = sign;
        while (start > 0 && (Bytes.IsWord(part[start - 1]) || part[start - 1] is (byte)'.' or (byte)'_' or (byte)'-' or (byte)'+' or (byte)'%'))
        {
            start--;
        }

        var end = sign + 1;
        while (end < part.Length && (Bytes.IsWord(part[end]) || part[end] is (byte)'.' or (byte)'-'))
        {
            end++;
        }

        end = WithoutEnd(part, end);
        var domain = part[Math.Min(sign + 1, end)..end];
        var dot = domain.LastIndexOf((byte)'.');
        if (start < sign && dot > 0 && domain.Length - dot > 2 && Bytes.IsLetter(domain[dot + 1]))
        {
            marked.Add(CaptionMarks.Email, offset + start, offset + end);
        }
    }

    // Signs that end the sentence rather than the address.
    private static int WithoutEnd(ReadOnlySpan<byte> token, int end)
    {
        while (end > 0 && !Bytes.IsWord(token[end - 1]) && token[end - 1] is not ((byte)'/' or (byte)'_' or (byte)'-' or (byte)'='))
        {
            end--;
        }

        return end;
    }

    // www.example.com, example.com, example.co.uk/x, bbc.in/x.
    private static bool IsHost(ReadOnlySpan<byte> caption, ReadOnlySpan<byte> part)
    {
        var hostEnd = part.IndexOfAny(AfterHost);
        var host = hostEnd < 0 ? part : part[..hostEnd];
        var hasPath = hostEnd >= 0 && part[hostEnd] == (byte)'/' && hostEnd + 1 < part.Length;
        var dot = host.LastIndexOf((byte)'.');
        if (dot <= 0 || dot == host.Length - 1 || host.ContainsAny(AroundHost))
        {
            return false;
        }

        if (Bytes.StartsWith(host, 0, "www."u8))
        {
            return host.Length > 4 && Bytes.IsWord(host[4]);
        }

        var end = host[(dot + 1)..];
        var before = host[..dot];
        var isName = AreLabels(before) && !IsSentenceEnd(caption[..host.Length], dot) && TopLevelDomains.IsKnown(end);
        return isName && (hasPath || HasTwoParts(before, end) || (!TopLevelDomains.IsLikeWord(end) && before.Length > 1));
    }

    // "co.uk", "com.au": what looks like a word is a country's end after one of these.
    private static bool HasTwoParts(ReadOnlySpan<byte> before, ReadOnlySpan<byte> end)
    {
        var dot = before.LastIndexOf((byte)'.');
        var second = before[(dot + 1)..];
        return dot > 0 && end.Length == 2 && (second.SequenceEqual("co"u8) || second.SequenceEqual("com"u8) || second.SequenceEqual("org"u8)
            || second.SequenceEqual("gov"u8) || second.SequenceEqual("ac"u8) || second.SequenceEqual("net"u8));
    }

    // Labels of letters, digits and hyphens, at least one letter in the last: 3.5 is none.
    private static bool AreLabels(ReadOnlySpan<byte> host)
    {
        var letters = false;
        for (var at = 0; at < host.Length; at++)
        {
            var isDot = host[at] == (byte)'.';
            if (!isDot && !Bytes.IsWord(host[at]) && host[at] != (byte)'-')
            {
                return false;
            }

            if (isDot && (at == 0 || host[at - 1] == (byte)'.'))
            {
                return false;
            }

            letters = !isDot && (letters || Bytes.IsLetter(host[at]));
        }

        return letters;
    }

    // "dog.In the park": a capital after the dot in a word that is not in capitals itself.
    private static bool IsSentenceEnd(ReadOnlySpan<byte> host, int dot) =>
        host[dot + 1] is >= (byte)'A' and <= (byte)'Z' && !(dot + 2 < host.Length && host[dot + 2] is >= (byte)'A' and <= (byte)'Z');
}
