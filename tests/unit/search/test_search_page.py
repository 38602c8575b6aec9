"""Filters and links of the search page."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.answers import Facets, FacetValue, Histogram, HistogramBucket
from services.search.core.parameters import SearchParameters
from services.search.core.query_errors import QueryError
from services.search.core.search_page import (
    build_bars,
    build_chips,
    build_filters,
    build_hidden_fields,
    build_link,
    build_wrong_query,
)
from tests.builders import NOON

STORY = "5" * 32
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


def days(*counts, interval="1d"):
    start = NOON.replace(hour=0)
    buckets = [HistogramBucket(start=start + timedelta(days=day), count=count) for day, count in enumerate(counts)]
    return Histogram(interval=interval, buckets=tuple(buckets))


def test_a_bar_is_as_high_as_there_are_articles_and_leads_to_those_of_its_time():
    bars = build_bars(SearchParameters(q="a", sort="date"), days(40, 0, 1))

    assert [(bar.label, bar.count, bar.height) for bar in bars] == [
        ("24 November 2026", 40, 20),
        ("25 November 2026", 0, 0),
        ("26 November 2026", 1, 1),
    ]
    assert parts(bars[0].href) == ("/search", {"q": ["a"], "sort": ["date"], "from": ["2026-11-24"], "to": ["2026-11-24"]})
    assert "to" not in parts(bars[-1].href)[1]


def test_so_many_spans_that_bars_were_too_thin_are_drawn_together_and_none_is_lost():
    bars = build_bars(SearchParameters(), days(*range(57)))

    assert len(bars) == 19
    assert sum(bar.count for bar in bars) == sum(range(57))
    assert bars[0].label == "24 November 2026 to 26 November 2026"
    assert parts(bars[0].href)[1] == {"from": ["2026-11-24"], "to": ["2026-11-26"]}


@pytest.mark.parametrize(
    ("interval", "length", "bounds"),
    [
        ("1h", timedelta(hours=1), ("2026-11-24T12", "2026-11-24T12")),
        ("1M", timedelta(days=30), ("2026-11", "2026-12")),
        ("1y", timedelta(days=366), ("2026", "2027")),
        ("12d", timedelta(days=12), ("2026-11-24", "2026-12-06")),
    ],
)
def test_a_bar_names_the_hour_day_month_or_year_as_an_address_does(interval, length, bounds):
    buckets = tuple(HistogramBucket(start=NOON + n * length, count=1) for n in range(2))

    asked = parts(build_bars(SearchParameters(), Histogram(interval=interval, buckets=buckets))[0].href)[1]

    assert (asked["from"], asked["to"]) == ([bounds[0]], [bounds[1]])


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=100))
def test_there_are_never_more_bars_than_are_wide_enough_and_none_is_higher_than_the_box(counts):
    bars = build_bars(SearchParameters(), days(*counts))

    assert 2 <= len(bars) <= 28
    assert sum(bar.count for bar in bars) == sum(counts)
    assert all(0 <= bar.height <= 20 and (bar.height > 0) == (bar.count > 0) for bar in bars)


def test_one_span_of_time_is_no_histogram():
    bucket = HistogramBucket(start=NOON, count=4)

    assert build_bars(SearchParameters(), Histogram(interval="1d", buckets=(bucket,))) == ()
    assert build_bars(SearchParameters(), None) == ()


def test_a_wrong_query_is_parted_at_the_character_that_is_meant():
    wrong = build_wrong_query("ab(cd", QueryError("this parenthesis is not closed", 2))

    assert (wrong.before, wrong.character, wrong.after) == ("ab", "(", "cd")


def test_a_story_is_offered_by_its_headline_and_not_at_all_without_one():
    facets = Facets(story=(FacetValue(value="a", count=3), FacetValue(value="b", count=2)))

    (stories,) = build_filters(SearchParameters(), facets, {"a": "Bridge reopens"})

    assert [(option.label, option.count) for option in stories.options] == [("Bridge reopens", 3)]


def test_articles_with_comments_can_be_chosen_and_let_go():
    (offered,) = build_filters(SearchParameters(), Facets(has_comments=4))
    (chosen,) = build_filters(SearchParameters(has_comments=True), Facets(has_comments=4))

    assert parts(offered.options[0].href)[1] == {"has_comments": ["True"]}
    assert (offered.options[0].count, chosen.options[0].chosen, parts(chosen.options[0].href)[1]) == (4, True, {})


def test_everything_that_was_chosen_is_dropped_by_a_chip_of_its_own():
    asked = SearchParameters(
        q="a", section=("World", "Sport"), language=("de",), story=(STORY,), date_to="2024", has_comments=False
    )

    chips = build_chips(asked, {STORY: "Bridge reopens"})

    assert [(chip.title, chip.label) for chip in chips] == [
        ("Language", "Deutsch"),
        ("Section", "World"),
        ("Section", "Sport"),
        ("Told by several", "Bridge reopens"),
        ("Date", "to 2024"),
        ("Comments", "Without comments of readers"),
    ]
    kept = {
        "q": ["a"],
        "section": ["World", "Sport"],
        "language": ["de"],
        "story": [STORY],
        "to": ["2024"],
        "has_comments": ["False"],
    }
    assert [parts(chip.href)[1] for chip in chips] == [
        {name: values for name, values in kept.items() if name != "language"},
        kept | {"section": ["Sport"]},
        kept | {"section": ["World"]},
        {name: values for name, values in kept.items() if name != "story"},
        {name: values for name, values in kept.items() if name != "to"},
        {name: values for name, values in kept.items() if name != "has_comments"},
    ]


def test_a_search_that_nothing_narrows_down_has_no_chips():
    assert build_chips(SearchParameters(q="a", sort="date")) == ()
