namespace Sightline.Search;

/// <summary>An address that a user gave was not fetched; says which and why.</summary>
public sealed class FetchException(string address, string cause) : ArgumentException($"{Shorten(address)} was not fetched: {cause}")
{
    private static string Shorten(string address) => address.Length <= 200 ? address : address[..200] + "...";
}
