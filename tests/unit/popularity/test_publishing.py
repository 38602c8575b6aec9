"""Which lists are published when, and that what is published can be read."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.popularity import publishing
from services.popularity.core.attributes import Attributes
from services.popularity.core.counting import ArticleCounts, add_count, bucket_keys
from services.popularity.core.lists import ListPlan
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally
from services.popularity.publishing import COUNTS_SECONDS, PublishedLists
from shared.events import Event, Record, decode_event
from shared.outcomes import NewRecord
from shared.popularity import ListGroup, Measure, PopularityRanked, Window, list_id

START = 29_400_000
ARTICLES = [f"{number:032x}".encode() for number in range(3)]
WORLD = ListGroup(section="World")


def a_state(most_groups: int = 10) -> PartitionState:
    """Three articles of one section, viewed 20, 10 and 5 times now; the first in a language too."""
    articles = {article: ArticleCounts() for article in ARTICLES}
    for article, views in zip(ARTICLES, (20, 10, 5), strict=True):
        add_count(articles[article].views, bucket_keys(START), views)
    known = {article: Attributes(1, section="World", minute=START) for article in ARTICLES}
    known[ARTICLES[0]] = Attributes(1, section="World", language="en", minute=START)
    return PartitionState(articles, START, known=known, plan=ListPlan(UTC, (7,), most_groups))


def publish(lists: PublishedLists, state: PartitionState, seconds: float) -> dict[str, PopularityRanked]:
    due = asyncio.run(lists.make(state, seconds, START * 60_000 + int(seconds * 1000)))
    lists.note(due)
    bodies = [read(record) for record in due.records]
    return {body.list_id: body for body in bodies}


def read(record: NewRecord) -> PopularityRanked:
    event = decode_event(Record(record.topic, 0, 0, record.key, record.value, record.headers, 0))
    assert isinstance(event, Event), event
    assert isinstance(event.body, PopularityRanked)
    assert record.key == event.body.list_id.encode()
    return event.body


def comment(state: PartitionState, article: bytes, number: int) -> None:
    state.take(CommentTally(article, START, number.to_bytes(16, "big")))


def test_a_published_list_says_what_it_is_of_and_from_when_to_when_it_counts() -> None:
    body = publish(PublishedLists(3, 0.0), a_state(), 0.0)[list_id(Measure.VIEWS, Window.DAY, 3, WORLD)]

    assert (body.partition, body.group, body.section, body.language) == (3, WORLD.id, "World", None)
    assert [(entry.article_id, entry.count) for entry in body.entries] == [
        (article.decode(), count) for article, count in zip(ARTICLES, (20, 10, 5), strict=True)
    ]
    hour = START // 60
    assert body.counted_from == datetime.fromtimestamp((hour - 23) * 3600, UTC)
    assert (body.counted_until, body.bucket_minutes) == (None, 60)


def test_a_trending_entry_has_its_score_and_what_it_is_made_of() -> None:
    body = publish(PublishedLists(0, 0.0), a_state(), 0.0)[list_id(Measure.TRENDING, Window.HOUR, 0)]

    first = body.entries[0]
    assert first.trend is not None
    assert first.score == pytest.approx((first.count - first.trend.expected) / (first.trend.expected + 1) ** 0.5, rel=0.01)


def test_a_trending_entry_tells_the_views_of_each_of_the_last_hours() -> None:
    article, counts = ARTICLES[0], ArticleCounts()
    for hours_ago, views in {0: 9, 1: 4, 23: 2, 24: 7}.items():
        add_count(counts.views, bucket_keys(START - 60 * hours_ago), views)
    state = PartitionState({article: counts}, START, known={article: Attributes(1, minute=0)})

    body = publish(PublishedLists(0, 0.0), state, 0.0)[list_id(Measure.TRENDING, Window.HOUR, 0)]

    assert body.entries[0].trend is not None
    assert body.entries[0].trend.per_hour == (2, *[0] * 21, 4, 9)


def test_only_lists_of_all_articles_say_how_many_groups_were_left_out_and_since_when_the_others_hold() -> None:
    published = publish(PublishedLists(0, 0.0), a_state(most_groups=1), 7.0)
    whole, group = (published[list_id(Measure.VIEWS, Window.DAY, 0, each)] for each in (ListGroup(), WORLD))

    assert whole.groups_left_out == 2
    assert whole.groups_since == whole.as_of
    assert (group.groups_left_out, group.groups_since) == (0, None)


def test_a_list_in_which_nothing_changed_is_not_published_again() -> None:
    lists, state = PublishedLists(0, 0.0), a_state()
    publish(lists, state, 0.0)
    comment(state, ARTICLES[0], 1)

    assert {body.measure for body in publish(lists, state, 1.0).values()} == {Measure.COMMENTS}
    assert publish(lists, state, 2.0) == {}


def test_when_much_is_due_a_list_of_a_group_in_which_only_counts_changed_waits_for_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "_MANY_RECORDS", 0)
    lists, state = PublishedLists(0, 0.0), a_state()
    comment(state, ARTICLES[0], 1)
    publish(lists, state, 0.0)
    whole, group = (list_id(Measure.COMMENTS, Window.ALL, 0, each) for each in (ListGroup(), WORLD))

    comment(state, ARTICLES[0], 2)
    assert whole in (soon := publish(lists, state, 1.0))
    assert group not in soon

    later = publish(lists, state, COUNTS_SECONDS)
    assert later[group].entries[0].count == 2


def test_a_change_of_order_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_MANY_RECORDS", 0)
    lists, state = PublishedLists(0, 0.0), a_state()
    comment(state, ARTICLES[0], 1)
    publish(lists, state, 0.0)
    comment(state, ARTICLES[1], 2)

    assert list_id(Measure.COMMENTS, Window.ALL, 0, WORLD) in publish(lists, state, 1.0)
