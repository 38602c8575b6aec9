"""Plain text."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.text import clean_line, clean_text

anything = st.text(alphabet=st.characters())


@given(anything)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(
    st.lists(st.sampled_from(["a", "é", "e\u0301", " ", "  ", "\n", "\t", "\u00a0", "\u200c", "\u202e", "漢", "\r\n", "\x00"])).map(
        "".join
    )
)
def test_what_is_taken_as_clean_is_what_cleaning_would_leave(text):
    assert clean_text(text) == clean_text(text + "\x00")  # a forbidden character keeps it from the short way


@given(anything)
def test_clean_text_is_nfc_without_controls_and_can_be_encoded(text):
    cleaned = clean_text(text)

    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(unicodedata.category(c) != "Cc" or c in "\n\t" for c in cleaned)


@given(anything)
def test_a_line_has_no_line_breaks(text):
    assert "\n" not in clean_line(text)


def test_paragraphs_are_parted_by_one_empty_line():
    assert clean_text(" One. \r\n \r\n\r\nTwo,\u00a0 still two.\nA line.\n") == "One.\n\nTwo, still two.\nA line."


def test_bidi_overrides_and_lone_surrogates_are_dropped_but_joiners_stay():
    assert clean_line("\u202eabc\ud800 می\u200cخواهم") == "abc می\u200cخواهم"
