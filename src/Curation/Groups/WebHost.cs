namespace Sightline.Curation;

/// <summary>The web host of an address.</summary>
internal static class WebHost
{
    /// <summary>A hash of the host in lower case, without user, port and a leading www.; false where the address has none.</summary>
    internal static bool TryHash(ReadOnlySpan<byte> url, out ulong hash)
    {
        hash = 0;
        var start = url.IndexOf("://"u8);
        if (start < 0)
        {
            return false;
        }

        var host = url[(start + 3)..];
        host = UpTo(host, host.IndexOfAny("/?#"u8));
        host = host[(host.LastIndexOf((byte)'@') + 1)..];
        host = UpTo(host, host.LastIndexOf((byte)':'));
        if (host.IsEmpty || host.Length > 255)
        {
            return false;
        }

        Span<byte> lower = stackalloc byte[host.Length];
        System.Text.Ascii.ToLower(host, lower, out var written);
        lower = written == host.Length ? lower : host.ToArray();
        hash = CaptionHash.OfBytes(lower.StartsWith("www."u8) ? lower[4..] : lower);
        return true;
    }

    private static ReadOnlySpan<byte> UpTo(ReadOnlySpan<byte> text, int end) => end < 0 ? text : text[..end];
}
