"""The form that saves a search, and the command that does."""

import json
import shlex
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.parameters import SearchFilters
from services.search.core.save_page import build_command, parse_save_form
from services.search.core.saved import SavedSearchSubmission


def form(**fields):
    return urlencode(fields, doseq=True).encode()


def test_a_form_saves_what_it_says():
    asked = parse_save_form(form(name="Bridges", q="brücke OR bridge", section=["World", "Sport"], **{"from": "2024"}))

    assert (asked.name, asked.q, asked.section, str(asked.date_from)) == ("Bridges", "brücke OR bridge", ("World", "Sport"), "2024")


def test_readers_have_nothing_sent_anywhere():
    assert parse_save_form(form(q="bridge", webhook="https://elsewhere.example/")).webhook is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (form(name="Everything"), "it would match every article"),
        (form(q="a", has_comments="true"), "has none yet"),
        (form(q="a", **{"from": "yesterday"}), "not a date"),
        (form(q="x" * 600), "q: "),
        ("q=ü".encode(), "no form"),
        (form(**{f"field{n}": "x" for n in range(200)}), "no form"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_the_reason(body, says):
    with pytest.raises(ValueError, match=says):
        parse_save_form(body)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_the_command_hands_the_search_on_whatever_stands_in_it(q):
    filters = SearchFilters(q=q, section=('It\'s "here" $HOME `x`',))

    words = shlex.split(build_command("https://news.example/v1/saved-searches", filters))

    assert words[:2] == ["curl", "https://news.example/v1/saved-searches"]
    asked = SavedSearchSubmission.model_validate(json.loads(words[words.index("-d") + 1]))
    assert (asked.q, asked.section) == (filters.q, filters.section)
