"""Which addresses a fetch may connect to: public ones, whatever way they are written (failure-modes F32)."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: Ports of the web; others are for allowed networks only.
WEB_PORTS = (80, 443)

# Not public, though some versions of Python say so: IANA's special-purpose registries (RFC 6890).
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def may_connect(address: str, port: int, allowed: Sequence[Network] = ()) -> bool:
    """Whether a fetch may connect to an address (as getaddrinfo gives it): a web port of a public one, or any of `allowed`."""
    ip = ip_address(address.split("%", 1)[0])
    forms = {ip, *_embedded(ip)}
    if any(form in network for form in forms for network in allowed if form.version == network.version):
        return True
    return port in WEB_PORTS and all(_is_public(form) for form in forms)


def _embedded(ip: Address) -> set[Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, compatible, NAT64, 6to4 and Teredo."""
    if isinstance(ip, IPv4Address):
        return set()
    found: set[Address | None] = {ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())}
    if ip in _NAT64 or int(ip) >> 32 == 0:
        found.add(IPv4Address(int(ip) & 0xFFFFFFFF))
    return {address for address in found if address is not None}


def _is_public(ip: Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip in _NAT64):
        return True  # its embedded address decides
    special = any(ip in network for network in _SPECIAL if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not special
