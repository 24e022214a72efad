namespace Sightline.Search;

/// <summary>An address was not fetched; says which and why.</summary>
public sealed class FetchException(string address, string cause) : ArgumentException($"{Shorten(address)} was not fetched: {cause}")
{
    /// <summary>One sentence, without the address.</summary>
    public string Cause { get; } = cause;

    /// <summary>A snake_case code: bad_address, private_address, unknown_host, connection, timeout, redirects, opted_out, not_a_picture,
    /// too_large, or http_404 and the like.</summary>
    public string Reason { get; internal init; } = "bad_address";

    /// <summary>A later try may succeed.</summary>
    public bool IsTransient { get; internal init; }

    /// <summary>How long the server asks to be left alone; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    private static string Shorten(string address) => address.Length <= 200 ? address : address[..200] + "...";
}
