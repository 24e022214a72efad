using System.Globalization;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Pairs are not on a list: of hosts, each with all below it, of whole addresses, of keys or of images' SHA-256. What a pair has not is
/// on no list.
/// </summary>
public sealed class BlocklistFilter : PairFilter
{
    private const int Sha256Digits = 64;

    private readonly HashedSet _hosts;
    private readonly HashedSet _urls;
    private readonly HashedSet _keys;
    private readonly HashedSet _sha256;

    private BlocklistFilter(HashedSet hosts, HashedSet urls, HashedSet keys, HashedSet sha256)
        : base(
            "blocklist", FilterCost.Texts,
            new DropReason("host", $"from one of {hosts.Count} listed hosts"),
            new DropReason("url", $"one of {urls.Count} listed addresses"),
            new DropReason("key", $"one of {keys.Count} listed keys"),
            new DropReason("sha256", $"one of {sha256.Count} listed images")) => (_hosts, _urls, _keys, _sha256) = (hosts, urls, keys, sha256);

    internal static FilterDefinition Definition { get; } = new(
        "blocklist", "Block lists", "Pairs are not on a list of hosts, addresses, keys or images.",
        [
            new FilterParameter("hosts", "Hosts, with all below them", ParameterKind.TextList),
            new FilterParameter("hosts_file", "More of them: a text file, one a line", ParameterKind.Text),
            new FilterParameter("urls", "Addresses", ParameterKind.TextList),
            new FilterParameter("urls_file", "More of them: a text file, one a line", ParameterKind.Text),
            new FilterParameter("keys", "Keys or uids", ParameterKind.TextList),
            new FilterParameter("keys_file", "More of them: a text file, one a line", ParameterKind.Text),
            new FilterParameter("sha256", "SHA-256 of image files", ParameterKind.TextList),
            new FilterParameter("sha256_file", "More of them: a text file, one a line", ParameterKind.Text),
        ],
        Create);

    /// <inheritdoc/>
    public override int Check(in Pair pair) => _hosts.Count > 0 && IsListedHost(pair.Url) ? 0
        : _urls.Count > 0 && Has(_urls, pair.Url) ? 1
        : _keys.Count > 0 && Has(_keys, pair.Key) ? 2
        : _sha256.Count > 0 && Has(_sha256, pair.Sha256) ? 3
        : Keep;

    private static bool Has(HashedSet set, ReadOnlySpan<byte> text) => !text.IsEmpty && set.Contains(CaptionHash.OfBytes(text));

    // The host itself, then what it lies below.
    private bool IsListedHost(ReadOnlySpan<byte> url)
    {
        var host = HostOf(url);
        Span<byte> lower = stackalloc byte[256];
        if (host.IsEmpty || host.Length > lower.Length)
        {
            return false;
        }

        if (!Ascii.IsValid(host))
        {
            return TryNormalize(Encoding.UTF8.GetString(host)) is { } name && IsListed(Encoding.ASCII.GetBytes(name));
        }

        Ascii.ToLower(host, lower, out var length);
        return IsListed(lower[..length].TrimEnd((byte)'.'));
    }

    private bool IsListed(ReadOnlySpan<byte> host)
    {
        while (true)
        {
            if (_hosts.Contains(CaptionHash.OfBytes(host)))
            {
                return true;
            }

            var dot = host.IndexOf((byte)'.');
            if (dot < 0)
            {
                return false;
            }

            host = host[(dot + 1)..];
        }
    }

    // scheme://user@host:port/path; also without a scheme.
    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> url)
    {
        var scheme = url.IndexOf("://"u8);
        var rest = scheme >= 0 ? url[(scheme + 3)..] : url.StartsWith("//"u8) ? url[2..] : url;
        var end = rest.IndexOfAny("/?#\\"u8);
        rest = end < 0 ? rest : rest[..end];
        rest = rest[(rest.LastIndexOf((byte)'@') + 1)..];
        var port = rest.IndexOf((byte)':');
        return port < 0 ? rest : rest[..port];
    }

    // As addresses spell it: in lower case, letters beyond ASCII in Punycode; null: it is no host.
    private static string? TryNormalize(string host)
    {
        try
        {
            return new IdnMapping().GetAscii(host.TrimEnd('.')).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static BlocklistFilter Create(FilterArguments a)
    {
        var filter = new BlocklistFilter(
            Read(a, "hosts", entry => ReadHost(a, entry)), Read(a, "urls", entry => entry.Text), Read(a, "keys", entry => entry.Text),
            Read(a, "sha256", entry => ReadSha256(a, entry)));
        return filter._hosts.Count + filter._urls.Count + filter._keys.Count + filter._sha256.Count > 0
            ? filter
            : throw a.Fault("give hosts, urls, keys or sha256, or a file of one of them, that holds entries.");
    }

    private static HashedSet Read(FilterArguments a, string name, Func<ListedText, string> spell)
    {
        var set = new HashedSet();
        foreach (var entry in ListedTexts.Read(a, name, $"{name}_file"))
        {
            set.Add(CaptionHash.OfBytes(Encoding.UTF8.GetBytes(spell(entry))));
        }

        return set;
    }

    // example.com, .example.com and *.example.com all name it and what lies below.
    private static string ReadHost(FilterArguments a, ListedText entry)
    {
        var host = entry.Text.StartsWith("*.", StringComparison.Ordinal) ? entry.Text[2..] : entry.Text.TrimStart('.');
        var isHost = host.Length > 0 && host.AsSpan().IndexOfAny(" /:@?#*") < 0;
        return (isHost ? TryNormalize(host) : null) ?? throw a.Fault($"\"{entry.Text}\" ({entry.Place}) is no host such as example.com.");
    }

    private static string ReadSha256(FilterArguments a, ListedText entry) =>
        entry.Text.Length == Sha256Digits && entry.Text.All(char.IsAsciiHexDigit)
            ? entry.Text.ToLowerInvariant()
            : throw a.Fault($"\"{entry.Text}\" ({entry.Place}) is no SHA-256 of {Sha256Digits} hexadecimal digits.");
}
