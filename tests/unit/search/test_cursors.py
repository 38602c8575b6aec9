"""Cursors are read as they were made, and forged ones are refused."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.cursors import InvalidCursor, build_cursor, parse_cursor

RELEVANCE = (float, int, str)
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=128)
DATES = st.integers(-(2**63), 2**63 - 1)
SCORES = st.floats(0, 3e38, allow_nan=False)


def forge(content):
    return base64.urlsafe_b64encode(content if isinstance(content, bytes) else orjson.dumps(content)).rstrip(b"=").decode()


@given(st.text("0123456789abcdef", min_size=16, max_size=16), st.tuples(SCORES, DATES, IDS))
def test_a_cursor_gives_back_the_place_it_was_made_of(fingerprint, place):
    assert parse_cursor(build_cursor(fingerprint, place), fingerprint, RELEVANCE) == place


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text):
    with pytest.raises(InvalidCursor):
        parse_cursor(text, "f", RELEVANCE)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(content):
    with pytest.raises(InvalidCursor):
        parse_cursor(forge(content), "f", RELEVANCE)


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        [1, "f"],
        [2, "f", [1.0, 5, "a"]],
        [1, "g", [1.0, 5, "a"]],
        [1, "f", "1.0"],
        [1, "f", [1.0, 5]],
        [1, "f", [1.0, 5, "a", "b"]],
        [1, "f", [-1.0, 5, "a"]],
        [1, "f", [1e39, 5, "a"]],
        [1, "f", [True, 5, "a"]],
        [1, "f", ["1.0", 5, "a"]],
        [1, "f", [1.0, 5.5, "a"]],
        [1, "f", [1.0, 2**63, "a"]],
        [1, "f", [1.0, 5, ""]],
        [1, "f", [1.0, 5, "a" * 513]],
        [1, "f", [1.0, 5, {"script": "x"}]],
        [1, "f", [1.0, None, "a"]],
        b'[1, "f", [NaN, 5, "a"]]',
        b'[1, "f", [1.0, 123456789012345678901234567890, "a"]]',
        b"[" * 600,
    ],
)
def test_a_forged_cursor_is_refused(content):
    with pytest.raises(InvalidCursor):
        parse_cursor(forge(content), "f", RELEVANCE)


def test_a_cursor_is_safe_in_an_address():
    cursor = build_cursor("f" * 16, (3.0, 2, "\u00ff\u00fe>>???"))

    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
