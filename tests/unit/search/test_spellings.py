"""Words in another spelling than that in which they were searched for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.query_language import parse_query
from services.search.core.spellings import cut_passages, has_marks, mark_spellings, wanted_in

START, END = "\ue000", "\ue001"


def marked(text, q, name="body"):
    """The text with marks in brackets."""
    return shown(mark_spellings(text.replace("[", START).replace("]", END), wanted_in(parse_query(q), name)))


def shown(text):
    return text.replace(START, "[").replace(END, "]")


@pytest.mark.parametrize(
    ("text", "q", "expected"),
    [
        ("Präsident Zelenský kam", "zelensky", "Präsident [Zelenský] kam"),
        ("ZELENSKÝ, Zelenský", "Zelensky", "[ZELENSKÝ], [Zelenský]"),
        ("Volodymyr Zelenský", '"volodymyr zelensky"', "[Volodymyr Zelenský]"),
        ("Zelenský Volodymyr", '"volodymyr zelensky"', "Zelenský Volodymyr"),
        ("L’élection d’été", "election ete", "L’[élection] d’[été]"),
        ("Auf der Straße", "strasse", "Auf der [Straße]"),
        ("тёмный лес", "темный", "[тёмный] лес"),
        ("في القاهرة", "القاهره", "في [القاهرة]"),
        ("كَتَبَ", "كتب", "[كَتَبَ]"),
        ("well-knöwn", "well-known", "[well-knöwn]"),
        ("Brücke", "brucke OR bridge", "[Brücke]"),
        ("Brücke", "bridge NOT brucke", "Brücke"),
        ("Brücke", "bruck", "Brücke"),
        ("[Brücke] und Brücke", "brucke", "[Brücke] und [Brücke]"),
        ("Die [alte] Brücke", "brucke alte", "Die [alte] [Brücke]"),
    ],
)
def test_a_word_that_was_found_in_another_spelling_is_marked(text, q, expected):
    assert marked(text, q) == expected


def test_what_elasticsearch_can_find_in_the_text_itself_is_left_to_it():
    assert marked("Die alte Brücke", "alte") == "Die alte Brücke"
    assert marked("plain text", "plain") == "plain text"


def test_a_word_of_one_field_is_marked_there_only():
    assert marked("Brücke", "headline:brucke") == "Brücke"
    assert marked("Brücke", "headline:brucke", "headline") == "[Brücke]"
    assert marked("Brücke", 'section:brucke entity:"brucke"') == "Brücke"


def test_a_passage_is_cut_around_the_word_within_its_paragraph():
    before, behind = "Lorem ipsum dolor. " * 20, " sit amet" * 40
    body = f"Nichts.\n\n{before}Präsident Zelenský kam{behind}.\n\nEnde."

    (passage,) = cut_passages(body, wanted_in(parse_query("zelensky"), "body"), 2)

    assert f"Präsident {START}Zelenský{END} kam sit amet" in passage
    assert "\n" not in passage
    assert len(passage) <= 165
    assert re.search(rf"(?<!\w){re.escape(passage.replace(START, '').replace(END, ''))}(?!\w)", body)


def test_there_are_no_more_passages_than_are_shown_and_none_twice():
    wanted = wanted_in(parse_query("zelensky"), "body")

    assert cut_passages("Zelenský und Zelenský.\n\nZelenský\n\nZelenský", wanted, 2) == [
        f"{START}Zelenský{END} und {START}Zelenský{END}.",
        f"{START}Zelenský{END}",
    ]
    assert cut_passages("Niemand", wanted, 2) == []


@given(st.text(alphabet=f"aeéÉsß ’'{START}{END}\nё"), st.text(alphabet="aeéßs ё", min_size=1), st.integers(1, 3))
def test_marks_change_nothing_of_the_text(text, words, most):
    wanted = wanted_in(parse_query(f'"{words}"'), "body")
    plain = text.replace(START, "").replace(END, "")

    made = mark_spellings(text, wanted)

    assert made.replace(START, "").replace(END, "") == plain
    for passage in cut_passages(plain, wanted, most):
        assert has_marks(passage)
        assert passage.replace(START, "").replace(END, "") in plain
