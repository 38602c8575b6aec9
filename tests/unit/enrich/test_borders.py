import pytest

from services.enrich.core.borders import part, tighten
from services.enrich.core.spans import Span


@pytest.mark.parametrize(
    ("found", "kind", "name"),
    [
        ("the New York Mercantile Exchange", "ORG", "New York Mercantile Exchange"),
        ("Puerto Rico 's", "GPE", "Puerto Rico"),
        ("Angela Merkel’s", "PERSON", "Angela Merkel"),
        ("Foreign Minister Qureshi", "PERSON", "Qureshi"),
        ("“Islamic Relief”", "ORG", "Islamic Relief"),
        ("Interfax news agency", "ORG", "Interfax"),
        ("J. Russell 75", "PERSON", "J. Russell"),
        ("SEOUL 1996-08-30", "GPE", "SEOUL"),
        ("Channel 4", "ORG", "Channel 4"),
        ("Ronald de Boer", "PERSON", "Ronald de Boer"),
    ],
)
def test_a_name_has_no_article_title_possessive_or_number(found: str, kind: str, name: str) -> None:
    span = tighten(found, Span(0, len(found), kind))
    assert span is not None
    assert found[span.start : span.end] == name


@pytest.mark.parametrize("found", ["12-8", "“”", "( )"])
def test_what_holds_no_letter_of_a_name_is_none(found: str) -> None:
    assert tighten(found, Span(0, len(found), "ORG")) is None


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ("Borac 1 Mladost", ["Borac", "Mladost"]),
        ("Quigley ( USA", ["Quigley", "USA"]),
        ("Romania - Cosmin Contra", ["Romania", "Cosmin Contra"]),
        ("SOCCER - BARATELLI", ["BARATELLI"]),
        ("Coca-Cola", ["Coca-Cola"]),
    ],
)
def test_two_names_that_were_taken_for_one_are_parted_and_a_rubric_is_dropped(found: str, names: list[str]) -> None:
    assert [found[span.start : span.end] for span in part(found, Span(0, len(found), "ORG"))] == names
