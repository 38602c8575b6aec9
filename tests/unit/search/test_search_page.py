"""Filters and links of the search page."""

from urllib.parse import parse_qs, urlsplit

from services.search.core.answers import Facets, FacetValue
from services.search.core.parameters import SearchParameters
from services.search.core.search_page import build_filters, build_hidden_fields, build_link

ASKED = SearchParameters(q='a&b="c"', section=("World",), sort="date", cursor="abc", date_from="2024-11-21")


def parts(link):
    address = urlsplit(link)
    return address.path, parse_qs(address.query)


def test_a_link_keeps_what_was_asked_but_the_page():
    kept = {"q": ['a&b="c"'], "section": ["World"], "sort": ["date"], "from": ["2024-11-21"]}

    assert parts(build_link(ASKED, {})) == ("/search", kept)
    assert parts(build_link(ASKED, {"cursor": "next"})) == ("/search", kept | {"cursor": ["next"]})


def test_a_filter_offers_to_add_a_value_and_to_drop_a_chosen_one_even_one_that_nothing_has():
    facets = Facets(section=(FacetValue(value="Sport", count=3),))

    (section,) = build_filters(ASKED, facets)

    assert section.title == "Section"
    assert [(option.label, option.count, option.chosen) for option in section.options] == [("World", 0, True), ("Sport", 3, False)]
    assert "section" not in parts(section.options[0].href)[1]
    assert parts(section.options[1].href)[1]["section"] == ["World", "Sport"]


def test_languages_are_called_as_their_speakers_do():
    (language,) = build_filters(SearchParameters(), Facets(language=(FacetValue(value="de", count=1),)))

    assert language.options[0].label == "Deutsch"


def test_the_form_sends_the_chosen_filters_along():
    assert build_hidden_fields(ASKED) == (("section", "World"),)
