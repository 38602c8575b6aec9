"""One story as its publishers tell it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.cursors import InvalidCursor
from services.search.core.queries import IS_PUBLISHED
from services.search.core.story_page import (
    StoryPage,
    build_story,
    build_story_begin,
    parse_story,
    parse_story_cursor,
    write_length,
)
from tests.builders import NOON
from tests.unit.search.builders import a_document, an_answer

STORY = "5" * 32


def a_version(number, minutes=0, words=None, language="en", **fields):
    own = {"article_id": f"{number:032x}", "story_id": STORY, "date": (NOON + timedelta(minutes=minutes)).isoformat()}
    return a_document(**own, language=language, **({} if words is None else {"word_count": words}), **fields)


def told(*documents, lasted_seconds=0):
    aggregations = {
        "named": {"together": {"buckets": []}},
        "publishers": {"buckets": [{"key": "Courier", "doc_count": 1}, {"key": "Gazette", "doc_count": 1}]},
        "languages": {"buckets": [{"key": "en", "doc_count": 2}]},
        "first": {"value": 1_000.0},
        "last": {"value": 1_000.0 + lasted_seconds * 1000},
    }
    return an_answer(*documents, aggregations=aggregations)


def shown(answer: dict[str, Any], begin: dict[str, Any], story_id: str, size: int) -> StoryPage:
    story = parse_story(answer, begin, story_id, size)
    assert story is not None
    return story


def test_versions_say_how_much_later_longer_or_shorter_they_are_than_the_first():
    first, longer, shorter = a_version(1, 0, 300), a_version(2, 47, 350), a_version(3, 125, 240, language="fr")

    story = shown(told(first, longer, shorter, lasted_seconds=7500), an_answer(first), STORY, 30)

    assert story.first.article_id == f"{1:032x}"
    assert [(each.words, each.later, each.words_more, each.is_in_other_language) for each in story.told] == [
        (300, None, None, False),
        (350, "47 minutes later", 50, False),
        (240, "2 hours 5 minutes later", -60, True),
    ]
    assert (story.total, story.publishers, story.lasted) == (3, ("Courier", "Gazette"), "2 hours 5 minutes")


def test_what_is_not_known_of_lengths_is_not_said_and_the_same_minute_is_the_same_time():
    first, other = a_version(1), a_version(2, words=100)

    story = shown(told(first, other), an_answer(first), STORY, 30)

    assert [(each.words, each.later, each.words_more) for each in story.told] == [
        (None, None, None),
        (100, "at the same time", None),
    ]
    assert story.lasted is None


def test_later_pages_compare_with_the_first_version_of_all():
    story = shown(told(a_version(9, 60, 90)), an_answer(a_version(1, 0, 100)), STORY, 30)

    assert [(each.later, each.words_more) for each in story.told] == [("1 hour later", -10)]


def test_a_story_without_published_articles_is_none():
    assert parse_story(told(), an_answer(), STORY, 30) is None


def test_there_is_a_next_page_while_there_are_more_versions_and_its_cursor_is_of_this_story_only():
    answer = told(a_version(1), a_version(2, 1))
    for hit in answer["hits"]["hits"]:
        hit["sort"] = [1_700_000_000_000, hit["_source"]["article_id"]]

    cursor = str(shown(answer, an_answer(a_version(1)), STORY, 1).cursor)

    assert parse_story_cursor(STORY, cursor) == (1_700_000_000_000, f"{1:032x}")
    with pytest.raises(InvalidCursor):
        parse_story_cursor("6" * 32, cursor)


def test_only_published_articles_are_asked_for_oldest_first():
    for body in (build_story(STORY, 30, None), build_story_begin(STORY)):
        assert IS_PUBLISHED in body["query"]["bool"]["filter"]
        assert body["sort"][0] == {"date": "asc"}
    assert build_story(STORY, 30, (1, "a"))["search_after"] == [1, "a"]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (3660, "1 hour 1 minute"),
        (86_400, "1 day"),
        (90_000, "1 day 1 hour"),
        (3 * 86_400 + 5 * 3600, "3 days"),
    ],
)
def test_lengths_of_time_are_written_in_one_or_two_units(seconds, written):
    assert write_length(seconds) == written


@given(st.floats(60, 4e9))
def test_a_length_of_time_always_says_something(seconds):
    assert not write_length(seconds).startswith("0")
