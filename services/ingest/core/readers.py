"""Who reads: the address and user agent behind a view, as far as they are known, and the hashes that stand for them outside."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from services.ingest.core.submissions import ViewSubmission
from shared.addresses import Network

_NETWORK_DIGITS = 16
_VISITOR_DIGITS = 32
#: Hops of one request that are looked at; a longer list is nobody's but a forger's.
_MOST_HOPS = 20
#: The parts of an IPv4 address, as they may be written.
_OCTETS = frozenset(map(str, range(256)))
_PREFIX_OCTETS = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """An address and a user agent, None where they are not known. They are hashed at once and never leave ingest."""

    address: str | None
    user_agent: str | None


def reader_of(submission: ViewSubmission, request: Reader) -> Reader:
    """Who read: whom the view names; who sent the request, if the view names nobody in any way."""
    if submission.visitor is None and submission.address is None and submission.user_agent is None:
        return request
    return Reader(submission.address, submission.user_agent)


def hash_visitor(salt: bytes, named: str | None, reader: Reader) -> str:
    """What stands for a visitor: HMAC-SHA-256 with the salt of the day, 128 bits.

    It is over what the sender tells its visitors apart by, or else over the network (/24, /64) and user agent.
    """
    own = named if named is not None else f"{network_of(reader.address or '')}\n{reader.user_agent or ''}"
    return _hash(salt, own, _VISITOR_DIGITS)


def hash_network(salt: bytes, address: str) -> str:
    """What stands for the network (/24, /64) of an address: HMAC-SHA-256 with the salt of the day, 64 bits."""
    return _hash_network(salt, network_of(address))


@lru_cache(maxsize=20_000)
def _hash_network(salt: bytes, network: str) -> str:
    return _hash(salt, f"network\n{network}", _NETWORK_DIGITS)


def _hash(salt: bytes, text: str, digits: int) -> str:
    # The name of the digest, not the function: OpenSSL is asked at once, a third faster.
    return hmac.digest(salt, text.encode("utf-8", "replace"), "sha256").hex()[:digits]


def network_of(address: str) -> str:
    """The /24 or /64 of an address, an IPv4 address in IPv6 form taken for what it is; text that is no address stays as it is."""
    prefix, dot, last = address.rpartition(".")
    # Readers have many addresses, but few networks; only what is written like 192.0.2.1 is taken here.
    if dot and last in _OCTETS and (network := _network_of_prefix(prefix)) is not None:
        return network
    return _network_of(address)


@lru_cache(maxsize=20_000)
def _network_of_prefix(prefix: str) -> str | None:
    octets = prefix.split(".")
    return f"{prefix}.0/24" if len(octets) == _PREFIX_OCTETS and _OCTETS.issuperset(octets) else None


@lru_cache(maxsize=20_000)
def _network_of(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address of who sent a request: the last one that is not a trusted proxy's, read from the connection backwards.

    Args:
        peer: the other end of the connection.
        forwarded: values of X-Forwarded-For in their order. What stands before the first address that is not a trusted proxy's was
            written by somebody who is not trusted, and is not looked at.
        proxies: networks of the proxies that are trusted.
    """
    hops = [_without_port(hop.strip()) for value in forwarded for hop in value.split(",")][-_MOST_HOPS:]
    address = peer
    while hops and _is_within(address, proxies):
        address = hops.pop()
    return address


def _without_port(hop: str) -> str:
    """An address as some proxies write it, `192.0.2.1:5678` or `[2001:db8::1]:5678`, without its port."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_within(address: str, networks: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks if network.version == ip.version)
