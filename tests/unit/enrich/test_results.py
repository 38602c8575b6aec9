import pytest

from services.enrich.core.results import find_results


def results(text: str) -> list[tuple[str, str]]:
    spans = find_results(text, {"Germany", "Croatia", "Iran"}.__contains__)
    return [(text[span.start : span.end], span.type) for span in spans]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hamburg 2 Hansa Rostock 0", [("Hamburg", "ORG"), ("Hansa Rostock", "ORG")]),
        ("Germany 2 Croatia 1", [("Germany", "GPE"), ("Croatia", "GPE")]),
        ("Everton 4 2 2 0 4 2 8", [("Everton", "ORG")]),
        ("Tiger Forest 71 77 70 71", [("Tiger Forest", "PERSON")]),
        ("Ashford v Tooting United", [("Ashford", "ORG"), ("Tooting United", "ORG")]),
        ("Lena Krug ( Germany ) beat", [("Lena Krug", "PERSON")]),
        ("Scorers : Jan Vilk ( 21st minute )", [("Jan Vilk", "PERSON")]),
        ("1 - Ola Berg , 14 - Tom van Dam ;", [("Ola Berg", "PERSON"), ("Tom van Dam", "PERSON")]),
        ("A. Smith c Jones b Brown 44", [("A. Smith", "PERSON"), ("Jones", "PERSON"), ("Brown", "PERSON")]),
        ("Khan 10-0-50-0", [("Khan", "PERSON")]),
        ("Moreno , 45 , a veteran", [("Moreno", "PERSON")]),
        ("Germany's Olaf Scholz, 65, met", [("Olaf Scholz", "PERSON")]),
    ],
)
def test_notation_says_who_is_named(text: str, names: list[tuple[str, str]]) -> None:
    assert results(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "On August 30 September 1 seemed far away",
        "Iran said that 21 ministers and 14 officials met on Friday.",
        "The report ( in Persian ) has 200 pages.",
    ],
)
def test_numbers_in_sentences_are_no_results(text: str) -> None:
    assert results(text) == []
