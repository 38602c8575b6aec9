"""What stands for a visitor and a network, and whose address a request comes from."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.readers import Reader, client_address, hash_network, hash_visitor, network_of, reader_of
from services.ingest.core.submissions import ViewSubmission
from tests.builders import ARTICLE_ID

SALT = b"salt"
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def hashed(address="192.0.2.1", agent="Browser", salt=SALT, named=None):
    return hash_visitor(salt, named, Reader(address, agent))


def test_a_visitor_is_a_network_and_a_user_agent():
    assert hashed("192.0.2.1") == hashed("192.0.2.77") == hashed("::ffff:192.0.2.1")
    assert hashed("2001:db8::1") == hashed("2001:db8::ffff")
    assert len({hashed(), hashed("192.0.3.1"), hashed(agent="Other"), hashed("2001:db8::1"), hashed("2001:db8:0:1::1")}) == 5


def test_a_visitor_that_the_sender_names_is_the_same_from_everywhere():
    assert hashed("192.0.2.1", named="ada") == hashed("198.51.100.1", "Other", named="ada") != hashed()


def test_hashes_of_two_days_cannot_be_linked():
    assert hashed(salt=b"monday") != hashed(salt=b"tuesday")
    assert hash_network(b"monday", "192.0.2.1") != hash_network(b"tuesday", "192.0.2.1")


@pytest.mark.parametrize(
    "text", ["unix socket", "192.0.2.256", "192.0.02.1", "192.0.2", "1.2.3.4.5", "192.0.2.1 ", "١.2.3.4", ".1", ""]
)
def test_what_is_no_address_stays_as_it_is_and_does_no_harm(text):
    assert network_of(text) == text
    assert hashed(text) != hashed()


@given(st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None))
def test_the_network_of_an_address_is_that_of_the_standard_library(address):
    assert network_of(str(address)) == str(ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))


def test_a_network_is_not_its_visitor():
    assert not hashed(agent="").startswith(hash_network(SALT, "192.0.2.1"))


@pytest.mark.parametrize(
    ("fields", "reader"),
    [
        ({}, Reader("198.51.100.1", "Firefox")),
        ({"visitor": "ada"}, Reader(None, None)),
        ({"address": "192.0.2.1"}, Reader("192.0.2.1", None)),
        ({"visitor": "ada", "user_agent": "Safari"}, Reader(None, "Safari")),
    ],
)
def test_the_reader_is_who_sent_the_request_only_if_the_view_names_nobody(fields, reader):
    assert reader_of(ViewSubmission(article_id=ARTICLE_ID, **fields), Reader("198.51.100.1", "Firefox")) == reader


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4, 203.0.113.9, 10.9.9.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
        ("::ffff:10.0.0.1", ["2001:db8::1, fd00::7"], "2001:db8::1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], "nonsense"),
        ("10.0.0.1", ["203.0.113.9:5678"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:5678"], "2001:db8::1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_only_trusted_proxies_say_where_a_request_comes_from(peer, forwarded, address):
    assert client_address(peer, forwarded, PROXIES) == address
