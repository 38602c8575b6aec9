import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.places import Place
from services.enrich.core.recognisers import Recognisers
from services.enrich.place_table import PlaceTable

PLACES = st.builds(
    Place,
    st.sampled_from(["country", "nation", "region", "city", "people"]),
    st.sampled_from(["DE", "PK", None]),
    st.one_of(st.none(), st.integers(1, 2**32 - 1)),
    st.booleans(),
    st.one_of(st.none(), st.tuples(st.integers(-90, 90).map(float), st.integers(-180, 180).map(float))),
)
OSLO, PARIS, TEXAN_PARIS = (Place("city", country, number) for number, country in enumerate(["NO", "FR", "US"], 1))


def table_of(**names: Place) -> PlaceTable:
    return PlaceTable([(place, [(0, name)]) for name, place in names.items()])


def names_in(text: str, table: PlaceTable) -> list[str]:
    return [text[start:end] for start, end, _ in table.find(text)]


@given(st.dictionaries(st.text(min_size=1, max_size=20), PLACES, min_size=1))
def test_every_name_is_found_and_means_what_was_put_in(names: dict[str, Place]) -> None:
    table = PlaceTable([(place, [(0, name)]) for name, place in names.items()])
    for name, place in names.items():
        found = [number for start, end, number in table.find(name) if (start, end) == (0, len(name))]
        assert [table.meanings(number) for number in found] == [(place,)]
        assert table.exists(name)


def test_a_name_that_was_not_put_in_is_not_found() -> None:
    table = table_of(Oslo=OSLO)
    assert names_in("Bergen", table) == []
    assert not table.exists("Osl")


def test_a_table_of_nothing_finds_nothing() -> None:
    assert names_in("Oslo", PlaceTable([])) == []
    assert not PlaceTable([]).exists("Oslo")


def test_a_name_too_long_to_be_one_is_left_out() -> None:
    assert not table_of(**{"O" * 256: OSLO, "Oslo": PARIS}).exists("O" * 256)


def test_the_lower_rank_is_the_likelier_meaning_and_of_equal_ones_the_first() -> None:
    table = PlaceTable([(OSLO, [(2, "Paris")]), (TEXAN_PARIS, [(1, "Paris")]), (PARIS, [(1, "Paris")])])
    assert table.meanings(table.find("Paris")[0][2]) == (TEXAN_PARIS, PARIS, OSLO)


def test_a_place_is_one_meaning_of_a_name_however_often_it_is_called_so() -> None:
    table = PlaceTable([(PARIS, [(0, "Paris"), (1, "Paris"), (2, "Parigi")])])
    assert table.meanings(table.find("Paris")[0][2]) == (PARIS,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to Oslo, Os and Oslofjord", ["Oslo", "Os"]),
        ("New York Times", ["New York", "York"]),
        ("Osloer", []),
        ("Oslo", ["Oslo"]),
        ("在北京市", ["北京市", "北京"]),
        ("평양에서", ["평양"]),
        ("وطهران", ["طهران"]),
        ("كوطهران", []),
        ("إطهران", []),
    ],
    ids=["words", "longest first", "inside of a word", "all", "no blanks", "particle behind", "letter before", "two", "another"],
)
def test_names_are_found_as_words_of_their_own_as_far_as_the_script_tells(text: str, found: list[str]) -> None:
    names = ["Oslo", "Os", "New York", "York", "北京", "北京市", "평양", "طهران"]
    table = PlaceTable([(Place("city", "NO", number), [(0, name)]) for number, name in enumerate(names, 1)])
    assert names_in(text, table) == found


@pytest.mark.parametrize(("name", "latitude", "longitude"), [("New Zealand", -38, 175), ("Texas", 31, -97), ("Scotland", 56, -4)])
def test_an_area_lies_where_its_people_live(name: str, latitude: float, longitude: float, recognisers: Recognisers) -> None:
    number = next(number for start, end, number in recognisers.gazetteer.find(name) if (start, end) == (0, len(name)))
    coordinates = recognisers.gazetteer.meanings(number)[0].coordinates
    assert coordinates is not None
    assert list(coordinates) == pytest.approx([latitude, longitude], abs=2.5)
