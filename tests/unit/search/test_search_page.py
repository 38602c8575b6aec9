"""Filters and links of the search page."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from services.search.core.answers import Facets, FacetValue, Histogram, HistogramBucket
from services.search.core.parameters import SearchParameters
from services.search.core.query_errors import QueryError
from services.search.core.search_page import build_bars, build_filters, build_hidden_fields, build_link, build_wrong_query
from tests.builders import NOON

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
    asked = ASKED.model_copy(update={"has_comments": True, "story": ("a", "b"), "collapse": "story", "histogram": True})

    assert build_hidden_fields(asked) == (("section", "World"), ("story", "a"), ("story", "b"), ("has_comments", "True"))


def test_a_bar_is_as_high_as_there_are_articles_and_leads_to_those_of_its_time():
    buckets = [HistogramBucket(start=NOON + timedelta(days=day), count=count) for day, count in enumerate([40, 0, 1])]

    bars = build_bars(SearchParameters(q="a", sort="date"), Histogram(interval="1d", buckets=tuple(buckets)))

    assert [(bar.label, bar.count, bar.height) for bar in bars] == [
        ("24 November 2026", 40, 20),
        ("25 November 2026", 0, 0),
        ("26 November 2026", 1, 1),
    ]
    first = {"q": ["a"], "sort": ["date"], "from": ["2026-11-24T12:00:00+00:00"], "to": ["2026-11-25T11:59:59+00:00"]}
    assert parts(bars[0].href) == ("/search", first)
    assert "to" not in parts(bars[-1].href)[1]


def test_one_span_of_time_is_no_histogram():
    bucket = HistogramBucket(start=NOON, count=4)

    assert build_bars(SearchParameters(), Histogram(interval="1d", buckets=(bucket,))) == ()
    assert build_bars(SearchParameters(), None) == ()


def test_a_wrong_query_is_parted_at_the_character_that_is_meant():
    wrong = build_wrong_query("ab(cd", QueryError("this parenthesis is not closed", 2))

    assert (wrong.before, wrong.character, wrong.after) == ("ab", "(", "cd")
