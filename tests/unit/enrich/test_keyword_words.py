"""How text is taken apart for keywords."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.keyword_words import NAME_MARK, split_sentences, split_stretches


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four… Five", 5),
        ("He said “no.” She left.", 2),
        ("Version 3.11 of U.S.A", 1),
        ("One\n\n\nTwo\nThree", 3),
        ("एक।दो॥तीन", 3),
        ("کیا؟نہیں۔", 2),
        ("", 0),
        (" \n ", 0),
    ],
)
def test_a_sentence_ends_with_a_full_stop_and_a_blank_or_with_the_line_or_where_its_script_says_so(
    text: str, sentences: int
) -> None:
    assert len(split_sentences(text)) == sentences


@pytest.mark.parametrize(
    ("sentence", "stretches"),
    [
        ("fire, flood and storm", [["fire"], ["flood", "and", "storm"]]),
        ("the well-known minister's plan", [["the", "well-known", "minister's", "plan"]]),
        ("a plan -- if any -", [["a", "plan"], ["if", "any"]]),
        ("'quoted' words'", [["quoted"], ["words"]]),
        ("either--or", [["either"], ["or"]]),
        (f"before {NAME_MARK} after", [["before"], ["after"]]),
        ("हिन्दी की, भाषा", [["हिन्दी", "की"], ["भाषा"]]),
    ],
)
def test_punctuation_and_names_part_stretches_but_not_what_joins_two_letters(sentence: str, stretches: list[list[str]]) -> None:
    assert split_stretches(sentence) == stretches


@given(st.text("ab '-.,’", max_size=30))
def test_an_apostrophe_or_hyphen_stays_in_a_word_only_between_two_letters(sentence: str) -> None:
    expected = re.split(r"[.,]+|(?<!\w)['’\-]+|['’\-]+(?!\w)", sentence)
    assert split_stretches(sentence) == [part.split() for part in expected if part.split()]
