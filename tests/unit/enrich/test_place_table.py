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


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.lists(PLACES, min_size=1, max_size=4), min_size=1))
def test_every_name_is_found_and_means_what_was_put_in(names: dict[str, list[Place]]) -> None:
    table = PlaceTable(names.items())
    for name, places in names.items():
        found = [number for last, number in table.iter(name) if table.length(number) == last + 1 == len(name)]
        assert [table.meanings(number) for number in found] == [tuple(places)]
        assert table.exists(name)


def test_a_name_that_was_not_put_in_is_not_found() -> None:
    table = PlaceTable([("Oslo", [Place("city", "NO", 3143244)])])
    assert list(table.iter("Bergen")) == []
    assert not table.exists("Osl")


def test_a_name_too_long_to_be_one_is_left_out() -> None:
    assert not PlaceTable([("O" * 256, [Place("city", "NO", 1)]), ("Oslo", [Place("city", "NO", 1)])]).exists("O" * 256)


@pytest.mark.parametrize(("name", "latitude", "longitude"), [("New Zealand", -38, 175), ("Texas", 31, -97), ("Scotland", 56, -4)])
def test_an_area_lies_where_its_people_live(name: str, latitude: float, longitude: float, recognisers: Recognisers) -> None:
    number = next(number for last, number in recognisers.gazetteer.iter(name) if last + 1 == len(name))
    coordinates = recognisers.gazetteer.meanings(number)[0].coordinates
    assert coordinates is not None
    assert list(coordinates) == pytest.approx([latitude, longitude], abs=2.5)
