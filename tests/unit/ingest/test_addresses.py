"""Which addresses a fetch may connect to."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import may_connect

PRIVATE_V4 = [
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3"),
    *("100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255"),
]
PRIVATE_V6 = ["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "100::1", "fec0::1"]
PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]

v4 = st.integers(0, 2**32 - 1).map(IPv4Address)


@pytest.mark.parametrize("address", [*PRIVATE_V4, *PRIVATE_V6])
@pytest.mark.parametrize("port", [80, 443])
def test_what_is_not_public_is_refused(address, port):
    assert not may_connect(address, port)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_web_is_allowed_on_its_ports_only(address):
    assert may_connect(address, 80)
    assert may_connect(address, 443)
    assert not any(may_connect(address, port) for port in (22, 25, 6379, 8080, 9200))


@pytest.mark.parametrize("private", PRIVATE_V4)
@pytest.mark.parametrize("prefix", ["::ffff:0:0", "64:ff9b::", "::"])
def test_a_private_address_inside_a_longer_one_is_refused(private, prefix):
    assert not may_connect(str(IPv6Address(int(IPv6Address(prefix)) | int(IPv4Address(private)))), 80)


@given(v4)
def test_6to4_and_teredo_say_what_their_inner_address_says_or_no(inner):
    sixtofour = IPv6Address(0x2002 << 112 | int(inner) << 80)
    teredo = IPv6Address(0x20010000 << 96 | (int(inner) ^ 0xFFFFFFFF))

    for outer in (sixtofour, teredo):
        assert may_connect(str(inner), 80) or not may_connect(str(outer), 80)


@given(v4)
def test_a_mapped_address_is_judged_as_what_it_maps(inner):
    assert may_connect(f"::ffff:{inner}", 443) == may_connect(str(inner), 443)


def test_an_allowed_network_may_be_reached_on_any_port_and_only_it():
    allowed = (ip_network("127.0.0.0/8"),)

    assert may_connect("127.0.0.1", 8080, allowed)
    assert may_connect("::ffff:127.0.0.1", 8080, allowed)
    assert not may_connect("10.0.0.1", 80, allowed)
