"""Cursors to pages are read as they were made, and by nobody else's key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.cursors import InvalidCursor
from services.search.core.paging import Page, build_page_cursor, parse_page_cursor
from services.search.core.signed_cursors import build_signed_cursor, parse_signed_cursor

KEY = b"k" * 32
FINGERPRINT = "0123456789abcdef"
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
PLACES = st.one_of(
    st.none(),
    st.tuples(st.floats(0, 3e38, allow_nan=False), st.integers(-(2**63), 2**63 - 1), IDS),
    st.tuples(st.integers(0, 9), IDS),
)
PAGES = st.builds(Page, st.integers(0, 2**40), PLACES, st.booleans())
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


@given(PAGES)
def test_a_cursor_gives_back_the_page_it_was_made_of_and_is_safe_in_an_address(page):
    cursor = build_page_cursor(KEY, FINGERPRINT, page)

    assert parse_page_cursor(KEY, FINGERPRINT, cursor) == page
    assert set(cursor) <= set(ALPHABET)


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text):
    with pytest.raises(InvalidCursor):
        parse_signed_cursor(KEY, FINGERPRINT, text)


@given(st.data())
def test_a_cursor_that_was_changed_in_any_character_is_refused(data):
    cursor = build_page_cursor(KEY, FINGERPRINT, Page(60, (1.5, 2, "abc")))
    where = data.draw(st.integers(0, len(cursor) - 1))
    instead = data.draw(st.sampled_from(ALPHABET.replace(cursor[where], "") + "\u00e9"))

    with pytest.raises(InvalidCursor):
        parse_signed_cursor(KEY, FINGERPRINT, cursor[:where] + instead + cursor[where + 1 :])


@given(st.data())
def test_a_cursor_that_was_cut_is_refused(data):
    cursor = build_page_cursor(KEY, FINGERPRINT, Page(60))

    with pytest.raises(InvalidCursor):
        parse_signed_cursor(KEY, FINGERPRINT, cursor[: data.draw(st.integers(0, len(cursor) - 1))])


def test_a_cursor_of_another_search_or_another_key_is_refused():
    cursor = build_signed_cursor(KEY, FINGERPRINT, 1)

    with pytest.raises(InvalidCursor, match="another search"):
        parse_signed_cursor(KEY, "f" * 16, cursor)
    with pytest.raises(InvalidCursor, match="no cursor of ours"):
        parse_signed_cursor(b"other", FINGERPRINT, cursor)
