import pytest

from services.enrich.core.entities import locate_places
from services.enrich.core.recognisers import Recognisers


def sure_places(text: str, recognisers: Recognisers) -> list[tuple[str, str | None]]:
    places = locate_places({"body": text}, recognisers.gazetteer)["body"]
    return [(text[place.start : place.end], place.place.country) for place in places if place.sure]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iran and Pakistan met in Islamabad.", [("Iran", "IR"), ("Pakistan", "PK"), ("Islamabad", "PK")]),
        ("El presidente de Alemania visitó Londres.", [("Alemania", "DE"), ("Londres", "GB")]),
        ("Переговоры в Исламабад", [("Исламабад", "PK")]),
        ("باكستان وإيران في القاهرة", [("باكستان", "PK"), ("إيران", "IR"), ("القاهرة", "EG")]),
        ("日本の首相は北京で会談", [("日本", "JP"), ("北京", "CN")]),
        ("이란 외무장관이 파키스탄을 방문했다", [("이란", "IR"), ("파키스탄", "PK")]),
        ("प्रधानमंत्री दिल्ली में", [("दिल्ली", "IN")]),
    ],
)
def test_places_are_found_in_every_script(text: str, expected: list[tuple[str, str]], recognisers: Recognisers) -> None:
    assert sure_places(text, recognisers) == expected


def test_a_name_inside_of_a_word_is_none(recognisers: Recognisers) -> None:
    assert sure_places("Iranian officials and Pakistanis talked about the Parisian way", recognisers) == []


def test_lower_case_is_no_name(recognisers: Recognisers) -> None:
    assert sure_places("a turkey on fine china, with nice reading", recognisers) == []


def test_a_common_word_is_a_city_only_beside_its_country(recognisers: Recognisers) -> None:
    assert sure_places("Reading is fun. Nice!", recognisers) == []
    assert sure_places("The festival of Reading in the United Kingdom", recognisers)[0] == ("Reading", "GB")


def test_cities_of_one_name_are_told_apart_by_the_country_that_is_named(recognisers: Recognisers) -> None:
    assert sure_places("Hyderabad", recognisers) == [("Hyderabad", "IN")]
    assert sure_places("Hyderabad, Pakistan", recognisers) == [("Hyderabad", "PK"), ("Pakistan", "PK")]
