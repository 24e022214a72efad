using System.Net;
using System.Net.Sockets;

namespace Sightline.Search;

/// <summary>Which addresses a server may call for a user: those that anyone on the internet can reach, and no others.</summary>
internal static class PublicAddress
{
    // IANA's special-purpose registries (RFC 6890 and what was added since) and multicast; of IPv6, what lies in global
    // unicast. 64:ff9b::/96 (NAT64) carries an IPv4 address.
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }

        if (Array.Exists(Special, network => network.Contains(address)))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return Nat64.Contains(address) ? IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12))) : GlobalUnicast.Contains(address);
        }

        return true;
    }
}
