import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.identity import identify, normalise_name
from services.enrich.core.places import Place


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("José Núñez", "JOSE NUNEZ", "PERSON"),
        ("U.N.", "UN", "ORG"),
        ("the European Union", "European Union", "ORG"),
        ("Apple Inc.", "Apple", "ORG"),
        ("Siemens AG", "SIEMENS", "ORG"),
        ("AT&T Corp", "AT and T", "ORG"),
        ("O’Neill", "O'Neill", "PERSON"),
        ("Jean-Luc Godard", "Jean Luc Godard", "PERSON"),
        ("ＮＨＫ", "NHK", "ORG"),
        ("علي", "علی", "PERSON"),
        ("Фёдор", "Федор", "PERSON"),
    ],
)
def test_spellings_of_one_name_have_one_id(one: str, other: str, kind: str) -> None:
    assert identify(kind, one, None) == identify(kind, other, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("PERSON", "Ada Lund"), ("PERSON", "Ida Lund")),
        (("PERSON", "Victoria"), ("GPE", "Victoria")),
        (("PERSON", "Sa"), ("PERSON", "Sa Inc")),
        (("ORG", "हिंदी"), ("ORG", "हद")),
        (("ORG", "ガス"), ("ORG", "カス")),
    ],
)
def test_other_names_and_other_types_have_other_ids(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert identify(*one, None) != identify(*other, None)


def test_a_country_is_known_by_its_code_and_any_other_place_by_its_geonames_id() -> None:
    assert identify("GPE", "Persia", Place("country", "IR", 130758)) == "country:IR"
    assert identify("GPE", "Islamabad", Place("city", "PK", 1176615)) == "geonames:1176615"
    assert identify("GPE", "Scotland", Place("nation", "GB", 2638360)) == "geonames:2638360"


def test_a_region_without_a_geonames_id_is_known_by_its_name_not_by_its_country() -> None:
    assert identify("LOC", "Kashmir", Place("region", None, None)).startswith("loc:")
    assert identify("GPE", "Bavaria", Place("region", "DE", None)) != "country:DE"


def test_an_id_is_the_same_in_every_process_and_version() -> None:
    assert identify("PERSON", "Muhammad Javad Zarif", None) == "person:b38313424d0ab4d2"


@given(st.text(min_size=1), st.sampled_from(["PERSON", "ORG", "GPE"]))
def test_whatever_the_name_it_has_an_id_and_normalising_twice_changes_nothing(name: str, kind: str) -> None:
    once = normalise_name(name, kind)
    assert once
    assert normalise_name(once, kind) == once
    assert len(identify(kind, name, None)) <= 64
