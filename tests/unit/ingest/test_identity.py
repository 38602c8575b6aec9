"""One address for all the ways to write it, one id for all the copies of an article."""

import re
import string
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.core import identity
from services.ingest.core.identity import LONGEST_URL, canonical_url, join_url, name_article, same_site

hosts = st.sampled_from(
    ["example.com", "WWW.Example.COM", "münchen.de", "user:pw@example.com", "example.com.", "127.0.0.1", "[::1]"]
)
pieces = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=12) | st.text("%/?#&=;+.:@[]\\ab é2E", max_size=16)
addresses = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    pieces,
    pieces,
    pieces,
)


def article_id(*given_by_the_source):
    """The id that a new article gets."""
    return name_article(*given_by_the_source).all()[0].hex()


any_text = st.text() | st.text(st.characters(categories=["Cs", "Cc", "Ll", "Nd", "Po"]))
names = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8).filter(lambda name: not is_tracking(name))
values = st.text(string.ascii_letters + string.digits + "-_~.%/ü+ ", max_size=8)
tracking = st.sampled_from(
    ["utm_source", "UTM_Medium", "fbclid", "gclid", "at_campaign", "mc_eid", "_ga", "cmp", "wt.mc_id", "smid"]
)


def is_tracking(name: str) -> bool:
    return canonical_url(f"https://example.com/?{name}=1") == "https://example.com/"


def escape(text: str, draw: Callable[[st.SearchStrategy[int]], int]) -> str:
    """Each character plain, or percent-encoded with large or small digits."""
    ways = (str, lambda char: f"%{ord(char):02x}", lambda char: f"%{ord(char):02X}")
    return "".join(ways[draw(st.integers(0, 2))](char) for char in text)


@example("https://example.com/?q=%%37e")
@given(addresses | any_text)
def test_canonicalising_twice_changes_nothing(url):
    canonical = canonical_url(url)

    assert canonical is None or canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example.COM:443/a", "https://news.example.com/a"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://reader:secret@example.com/a", "https://example.com/a"),
        ("https://example.com/a#comments", "https://example.com/a"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://example.com/a/index.html", "https://example.com/a"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/a/../b", "https://example.com/b"),
        ("https://example.com/%7ejoe", "https://example.com/~joe"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("  https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_ways_to_write_one_address_are_one(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "parameter", ["utm_source=feed", "fbclid=x", "gclid=1", "at_medium=RSS", "cmp=share", "_ga=2", "UTM_Campaign=a"]
)
def test_how_a_reader_came_is_not_part_of_the_address(parameter):
    assert canonical_url(f"https://example.com/a?id=7&{parameter}") == "https://example.com/a?id=7"


@pytest.mark.parametrize("query", ["id=7", "game_id=12", "p=123", "20171105", "source=hansard", "cid=5", "q="])
def test_what_may_name_the_article_is_kept(query):
    assert canonical_url(f"https://example.com/a?{query}") == f"https://example.com/a?{query}"


def test_the_order_of_parameters_does_not_matter():
    assert canonical_url("https://example.com/a?b=2&a=1") == canonical_url("https://example.com/a?a=1&b=2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "/a",
        "mailto:a@example.com",
        "http://",
        "http://[/a",
        "https://exa mple..com/",
    ],
)
def test_what_is_no_web_address_has_none(text):
    assert canonical_url(text) is None


def test_an_address_too_long_to_travel_has_none():
    assert canonical_url("https://example.com/" + "a" * 2048) is None


def test_subdomains_are_one_site_and_publishers_under_one_suffix_are_not():
    assert same_site("https://www.example.co.uk/a", "https://news.example.co.uk/b")
    assert not same_site("https://one.co.uk/a", "https://two.co.uk/a")


def test_an_id_is_32_hexadecimal_digits_and_always_the_same():
    # A literal, since ids are kept in topics and indices: a change here orphans every article.
    assert article_id(None, None, "https://example.com/a", "Headline") == "17695f664df09d72dedfc15e56aac4e3"
    assert article_id("Example", "42", None, "Headline") == "fa1f495bc77154218e5a2c637a7b2093"
    assert article_id(None, None, None, "Headline") == "d664f783ef93080269f6e1af83f40106"


def test_the_publishers_own_id_goes_before_the_address():
    assert article_id("Example", "42", "https://example.com/a", "H") == article_id(
        "Example", "42", "https://example.com/moved", "H"
    )


def test_ids_of_different_publishers_do_not_meet():
    assert article_id("Example", "42", None, "H") != article_id("Another", "42", None, "H")


def test_an_id_of_an_unnamed_publisher_is_not_used():
    assert article_id(None, "42", "https://example.com/a", "H") == article_id(None, None, "https://example.com/a", "H")


@pytest.mark.parametrize("other", ["http://example.com/a", "https://www.example.com/a", "http://www.example.com/a"])
def test_scheme_and_www_do_not_make_another_article(other):
    assert article_id(None, None, other, "H") == article_id(None, None, "https://example.com/a", "H")


def test_a_changed_headline_is_the_same_article_where_there_is_an_address():
    assert article_id(None, None, "https://example.com/a", "Before") == article_id(None, None, "https://example.com/a", "After")


@pytest.mark.parametrize("other", ["IRAN VOWS TO BUILD 'TIES'", "Iran  vows to build ‘ties’", "Iran vows to build “ties”"])
def test_without_address_the_headline_counts_but_not_its_typography(other):
    assert article_id(None, None, None, other) == article_id(None, None, None, "Iran Vows to Build ‘Ties’")


def test_a_headline_of_signs_only_still_has_an_id():
    assert article_id(None, None, None, "???") != article_id(None, None, None, "!!!")


@given(addresses | any_text)
def test_a_canonical_address_is_one_of_the_web_and_not_too_long(url):
    canonical = canonical_url(url)

    if canonical is not None:
        parts = urlsplit(canonical)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert (parts.username, parts.fragment) == (None, "")
        assert canonical.isascii()
        assert len(canonical) <= LONGEST_URL


@given(st.lists(st.tuples(names, values), max_size=4), st.lists(st.tuples(tracking, values), max_size=4), st.data())
def test_tracking_in_any_place_case_and_encoding_changes_nothing(meaningful, added, data):
    plain = [f"{name}={value}" for name, value in meaningful]
    tracked = [f"{escape(name, data.draw)}={value}" for name, value in added]
    mixed = data.draw(st.permutations(plain + tracked))

    assert canonical_url(f"https://example.com/a?{'&'.join(mixed)}") == canonical_url(f"https://example.com/a?{'&'.join(plain)}")


@given(st.dictionaries(names, values, max_size=4), names, st.integers(0, 99), st.integers(0, 99))
def test_a_parameter_that_may_name_the_article_always_counts(others, name, one, other):
    query = "&".join(f"{key}={value}" for key, value in others.items() if key != name)
    without = canonical_url(f"https://example.com/a?{query}")
    ones, others_ = (canonical_url(f"https://example.com/a?{query}&{name}={number}") for number in (one, other))

    assert without != ones
    assert (ones == others_) == (one == other)


@given(st.text(string.ascii_letters + string.digits + "-._~", max_size=10), st.data())
def test_needless_percent_encoding_changes_nothing(text, data):
    written = escape(text, data.draw)

    assert canonical_url(f"https://example.com/a?q={written}") == canonical_url(f"https://example.com/a?q={text}")
    assert canonical_url(f"https://example.com/a/x{written}x") == canonical_url(f"https://example.com/a/x{text}x")


@pytest.mark.parametrize(("one", "other"), [("a%2Fb", "a/b"), ("a%26b=1", "a&b=1"), ("%2525", "%25"), ("%%37e", "~")])
def test_needful_percent_encoding_stays(one, other):
    assert canonical_url(f"https://example.com/a?q={one}") != canonical_url(f"https://example.com/a?q={other}")


@given(any_text, any_text)
def test_joining_any_texts_gives_an_address_or_nothing(base, address):
    joined = join_url(base, address)

    assert joined is None or isinstance(joined, str)


@given(st.sampled_from(["/b", "b", "?p=2", "//example.com/b", "../b", "https://example.com/b#c"]))
def test_what_a_page_points_to_is_on_its_site(address):
    joined = join_url("https://www.example.com/a/", address)

    assert joined is not None
    assert same_site(joined, "https://EXAMPLE.com:8443/")


@given(addresses | any_text, addresses | any_text)
def test_being_of_one_site_is_mutual(one, other):
    assert same_site(one, other) == same_site(other, one)


@given(addresses)
def test_an_address_is_of_its_own_site(url):
    canonical = canonical_url(url)

    assert canonical is None or same_site(canonical, canonical)


@example("http://[")
@example("")
@given(any_text.map(lambda text: text.replace("/", "")))
def test_what_is_no_address_is_of_no_site(text):
    assert not same_site(text, text)


@given(st.from_regex(r"https?://[a-z0-9-]{1,9}(\.[a-z0-9-]{1,9}){0,3}(/[a-zA-Z0-9._~-]{0,9}){0,4}(/index\.html?)?", fullmatch=True))
def test_what_is_seen_to_be_canonical_is_what_canonicalising_gives(url):
    seen = canonical_url(url)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(identity, "_CANONICAL", re.compile("(?!)"))
        assert seen == canonical_url(url)
