from services.enrich.core.known_names import spread_names
from services.enrich.core.spans import Field, Span


def spread(headline: str, body: str, *names: tuple[str, str]) -> list[tuple[Field, str, str]]:
    texts: dict[Field, str] = {"headline": headline, "body": body}
    found = [Span(body.index(name), body.index(name) + len(name), kind) for name, kind in names]
    spans = spread_names(texts, {"headline": [], "body": found})
    return [(field, texts[field][s.start : s.end], s.type) for field in spans for s in spans[field]]


def test_a_surname_that_the_body_explains_is_found_in_the_headline() -> None:
    assert spread("Merkel meets Macron", "Angela Merkel came.", ("Angela Merkel", "PERSON")) == [
        ("headline", "Merkel", "PERSON"),
        ("body", "Angela Merkel", "PERSON"),
    ]


def test_a_name_is_found_wherever_it_stands_as_a_word() -> None:
    assert spread("", "Ruch rose. Shares of Ruch fell, not of Ruchs.", ("Ruch", "ORG")) == [
        ("body", "Ruch", "ORG"),
        ("body", "Ruch", "ORG"),
    ]


def test_short_surnames_are_not_spread() -> None:
    assert spread("Li visits", "Ann Li spoke.", ("Ann Li", "PERSON")) == [("body", "Ann Li", "PERSON")]
