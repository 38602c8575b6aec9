import pytest

from services.enrich.core.compounds import find_elections
from services.enrich.core.entities import locate_places
from services.enrich.core.entity_rules import find_places_only, refine_spans
from services.enrich.core.places import NamedPlace, Place
from services.enrich.core.recognisers import Recognisers
from services.enrich.core.spans import Span


def refined(text: str, *raw: tuple[str, str], recognisers: Recognisers) -> list[tuple[str, str]]:
    spans = [Span(text.index(name), text.index(name) + len(name), kind) for name, kind in raw]
    places = locate_places({"body": text}, recognisers.gazetteer)["body"]
    return [(text[span.start : span.end], span.type) for span in refine_spans(text, spans, places)]


@pytest.mark.parametrize(
    ("text", "raw", "names"),
    [
        ("Armenia won.", [("Armenia", "ORG")], [("Armenia", "GPE")]),
        ("Officials in Grozny wait.", [], [("Grozny", "GPE")]),
        ("Iraqi troops left.", [("Iraqi", "GPE")], [("Iraqi", "NORP")]),
        ("The town of Obersdorf waits.", [("Obersdorf", "ORG")], [("Obersdorf", "GPE")]),
        ("The Vienna-based agency", [("Vienna", "GPE")], []),
        ("They joined Vlaams Party.", [("Vlaams Party", "PERSON")], [("Vlaams Party", "ORG")]),
        ("They flew from Orly Airport.", [("Orly Airport", "ORG")], [("Orly Airport", "FAC")]),
        ("Then UEFA fined him.", [("UEFA", "PERSON")], [("UEFA", "ORG")]),
        ("The growth of Islamophobia", [("Islamophobia", "ORG")], []),
        ("Chief of the Army", [("Army", "ORG")], []),
        (
            "The Communist Party of China met.",
            [("Communist Party", "ORG"), ("China", "GPE")],
            [("Communist Party of China", "ORG")],
        ),
        (
            "The Kurdistan Democratic Party ( KDP ) said",
            [("Kurdistan Democratic Party", "ORG")],
            [("Kurdistan Democratic Party", "ORG"), ("KDP", "ORG")],
        ),
        ("BOSTON AT OAKLAND", [], [("BOSTON", "ORG"), ("OAKLAND", "GPE")]),
        ("prices rose 3 percent", [("3 percent", "PERCENT")], []),
    ],
)
def test_a_word_or_the_gazetteer_knows_better(
    text: str, raw: list[tuple[str, str]], names: list[tuple[str, str]], recognisers: Recognisers
) -> None:
    assert refined(text, *raw, recognisers=recognisers) == names


def test_an_election_is_an_event_whichever_place_it_names() -> None:
    text = "He ran in the 2018 Russian presidential election and lost."
    (span,) = find_elections(text)
    assert (text[span.start : span.end], span.type) == ("2018 Russian presidential election", "EVENT")


def test_without_a_model_a_first_name_is_not_the_city() -> None:
    city = Place("city", "RU", 473247)
    text = "Владимир Путин и Владимир сегодня"
    second = text.rindex("Владимир")
    places = [NamedPlace(0, 8, city, sure=True), NamedPlace(second, second + 8, city, sure=True)]
    assert find_places_only(text, places) == [Span(second, second + 8, "GPE")]
