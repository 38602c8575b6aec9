"""What readers write is taken as they wrote it, or they are told what to put right."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.comment_form import LONGEST_AUTHOR, LONGEST_TEXT, CommentForm, find_faults, parse_comment_form
from services.search.core.same_origin import is_same_origin

OWN = frozenset({"https://news.example"})


def sent(**fields):
    return parse_comment_form(urlencode(fields).encode())


def test_a_form_is_read_as_browsers_send_it_and_cleaned():
    form = sent(author=" Ann\u202e ", text="One.\r\n\r\n\r\nTwo é.", token="t", website="")

    assert form == CommentForm("Ann", "One.\n\nTwo é.", "t", "")


@pytest.mark.parametrize("body", [b"author=\xff", "author=é".encode(), b"author=%ff", b"a=1&" * 11, b"text=%ed%a0%80"])
def test_what_no_browser_sends_is_no_form(body):
    assert parse_comment_form(body) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_form(body):
    assert parse_comment_form(body) is None or isinstance(parse_comment_form(body), CommentForm)


def test_what_is_missing_or_too_long_is_named_by_field():
    assert find_faults(CommentForm("Ann", "Hello")) == {}
    assert set(find_faults(CommentForm())) == {"author", "text"}
    faults = find_faults(CommentForm("a" * (LONGEST_AUTHOR + 1), "b" * (LONGEST_TEXT + 1)))
    assert "80 characters" in faults["author"]
    assert "10,001 characters" in faults["text"]


@pytest.mark.parametrize(
    ("fetch_site", "origin", "is_ours"),
    [
        ("same-origin", "null", True),
        ("same-origin", None, True),
        ("same-site", "https://news.example", False),
        ("cross-site", "https://news.example", False),
        ("none", None, False),
        (None, "https://news.example", True),
        (None, "https://NEWS.example", True),
        (None, "https://news.example.evil.example", False),
        (None, "null", False),
        (None, None, False),
    ],
)
def test_a_form_is_ours_when_the_browser_says_so(fetch_site, origin, is_ours):
    assert is_same_origin(fetch_site, origin, OWN) == is_ours
