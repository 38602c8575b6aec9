"""What an owner does with its partition when something is not as it should be; Kafka is replaced by what it was told to store."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from services.popularity.core.attributes import ABOUT_PREFIX, decode_attributes
from services.popularity.core.counting import decode_counts, total
from services.popularity.core.state import PartitionState
from services.popularity.layout import SOURCES
from services.popularity.partition import OwnedPartition
from services.popularity.positions import POSITION_KEY, Position, SourcePosition, decode_position
from services.popularity.publishing import Due, PublishedLists
from services.popularity.storing import Doubted, Store
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, View
from shared.events import Body, Event, Record, decode_event, encode_event
from shared.failures import TooManyDeadLetters
from shared.metrics import REPORTS_REFUSED
from shared.outcomes import NewRecord
from shared.popularity import LISTED_WINDOWS, ListGroup, Measure, PopularityRanked, Window, list_id
from shared.topics import COMMENTS, ENGAGEMENT, ENRICHED, RANKED, READING, dead_letters_of
from tests.builders import a_retraction, an_enriched_article

TIME = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECONDS = TIME.timestamp()
ARTICLE = "a" * 32
R = TypeVar("R")


class RememberedStore(Store):
    """Remembers transactions; raises `failure` instead, if there is one."""

    def __init__(self) -> None:
        self.transactions: list[tuple[dict[bytes, bytes], list[NewRecord]]] = []
        self.failure: Exception | None = None

    async def write(self, values: Mapping[bytes, bytes | None], records: Sequence[NewRecord]) -> None:
        if self.failure is not None:
            raise self.failure
        kept = {key: value for key, value in values.items() if value is not None}
        self.transactions.append((kept, list(records)))

    async def close(self) -> None:
        self.failure = AssertionError("written to after it was closed")


class Desk:
    """A partition with everything around it in the hands of the test."""

    def __init__(self, interval_seconds: float = 0.0) -> None:
        self.store = RememberedStore()
        self.now = SECONDS
        self.log: list[Record] = []
        self.done: list[int] = []
        sources = {topic: SourcePosition(topic_id="t", next_offset=10) for topic in SOURCES}
        self.partition = OwnedPartition(
            PartitionState({}, int(SECONDS // 60)),
            Position(partitions=4, as_of_ms=1, sources=sources),
            self.store,
            PublishedLists(0, interval_seconds),
            self.read_range,
            lambda: self.now,
        )

    async def read_range(self, topic: str, start: int, end: int) -> AsyncGenerator[Record, None]:
        for record in self.log:
            if record.topic == topic and start <= record.offset < end:
                yield record

    async def take(self, *records: Record) -> None:
        for record in records:
            await self.partition.take(record, lambda offset=record.offset: self.done.append(offset))  # type: ignore[misc]  # no types for lambda defaults

    def stored_views(self) -> int:
        values = {key: value for transaction, _ in self.store.transactions for key, value in transaction.items()}
        return total(decode_counts(values[ARTICLE.encode()]).views)

    def stored_position(self) -> int:
        return decode_position(self.store.transactions[-1][0][POSITION_KEY]).sources[ENGAGEMENT].next_offset

    def published(self) -> dict[str, int]:
        """The number of entries of the lists of the last transaction."""
        lists = {}
        for record in self.store.transactions[-1][1]:
            if record.topic == RANKED:
                event = decode_event(Record(RANKED, 0, 0, record.key, record.value, record.headers, 0))
                assert isinstance(event, Event)
                assert isinstance(event.body, PopularityRanked)
                lists[event.body.list_id] = len(event.body.entries)
        return lists


def run(coroutine: Coroutine[Any, Any, R]) -> R:
    return asyncio.run(coroutine)


def record_of(body: Body, topic: str, offset: int, value: bytes | None = None) -> Record:
    new = encode_event(Event("1", "test", TIME, TIME, body), topic, None)
    return Record(topic, 0, offset, None, new.value if value is None else value, new.headers, int(SECONDS * 1000))


def views_at(offset: int, number: int = 1) -> Record:
    view = View(article_id=ARTICLE, visitor="0" * 32, time=TIME)
    return record_of(EngagementRecorded(views=(view,) * number), ENGAGEMENT, offset)


def comment_at(offset: int) -> Record:
    comment = CommentPosted(comment_id="c" * 32, article_id=ARTICLE, revision=1, author="A", text="T", time=TIME)
    return record_of(comment, COMMENTS, offset)


def reading_at(offset: int, visitor: str = "0" * 32, time: datetime = TIME, value: bytes | None = None) -> Record:
    body = ReadingReported(article_id=ARTICLE, visitor=visitor, time=time, engaged_seconds=40)
    return record_of(body, READING, offset, value)


def article_at(offset: int, **fields: Any) -> Record:
    return record_of(an_enriched_article(article_id=ARTICLE, **fields), ENRICHED, offset)


def bad_at(offset: int) -> Record:
    return record_of(EngagementRecorded(views=(View(article_id=ARTICLE, visitor="0" * 32, time=TIME),)), ENGAGEMENT, offset, b"{")


def test_records_are_done_with_only_after_they_are_stored() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(10), views_at(11))
        assert desk.done == []

        await desk.partition.checkpoint()

        assert desk.done == [10, 11]
        assert (desk.stored_views(), desk.stored_position()) == (2, 12)

    run(scenario())


def test_records_that_come_while_lists_are_made_are_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        desk = Desk()

        async def make_slowly(*_: object) -> Due:
            await desk.take(views_at(11))
            return Due()

        monkeypatch.setattr(PublishedLists, "make", make_slowly)
        await desk.take(views_at(10))
        await desk.partition.checkpoint()

        assert (desk.stored_views(), desk.stored_position()) == (1, 11)
        assert desk.done == [10]

    run(scenario())


def test_records_that_come_again_do_not_count_again() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(9), views_at(10), views_at(9), views_at(10), views_at(11))
        await desk.partition.checkpoint()

        assert (desk.stored_views(), desk.stored_position()) == (2, 12)
        assert len(desk.done) == 5

    run(scenario())


def test_a_group_offset_ahead_of_the_position_leaves_nothing_out() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.log = [views_at(offset) for offset in range(20)]
        await desk.take(views_at(15))
        await desk.partition.checkpoint()

        assert (desk.stored_views(), desk.stored_position()) == (6, 16)

    run(scenario())


def test_offsets_that_no_log_holds_any_more_are_passed_over() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(15), views_at(16))
        await desk.partition.checkpoint()

        assert (desk.stored_views(), desk.stored_position()) == (2, 17)

    run(scenario())


def test_a_gap_after_the_first_record_is_doubt() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(10))

        with pytest.raises(Doubted, match="records did not come"):
            await desk.take(views_at(12))

    run(scenario())


def test_after_a_rebalance_the_first_record_may_be_a_later_one() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.log = [views_at(11)]
        await desk.take(views_at(10))
        await desk.partition.suspend()
        desk.partition.resume()

        await desk.take(views_at(12))
        await desk.partition.checkpoint()

        assert desk.stored_views() == 3

    run(scenario())


def test_what_fails_to_be_stored_is_not_done_with() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.store.failure = Doubted("fenced")
        await desk.take(views_at(10))

        with pytest.raises(Doubted):
            await desk.partition.checkpoint()

        assert desk.done == []

    run(scenario())


def test_a_suspended_partition_stores_what_it_has_and_then_nothing() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(10))
        await desk.partition.suspend()
        desk.store.failure = AssertionError("stored while suspended")
        await desk.take(views_at(11))

        await desk.partition.checkpoint()

        assert desk.stored_position() == 11

    run(scenario())


def test_nothing_is_stored_when_nothing_changed() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.partition.checkpoint()
        assert desk.store.transactions == []

        await desk.take(views_at(10))
        await desk.partition.checkpoint()
        await desk.partition.checkpoint()

        assert len(desk.store.transactions) == 1

    run(scenario())


def test_a_bad_record_is_a_dead_letter_in_the_transaction_that_passes_it() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(10), bad_at(11), views_at(12))
        await desk.partition.checkpoint()

        letters = [record for record in desk.store.transactions[0][1] if record.topic == dead_letters_of(ENGAGEMENT)]
        assert [letter.value for letter in letters] == [b"{"]
        assert (desk.stored_views(), desk.stored_position()) == (2, 13)

    run(scenario())


def test_bad_records_in_a_row_end_the_process() -> None:
    async def scenario() -> None:
        desk = Desk()
        with pytest.raises(TooManyDeadLetters):
            await desk.take(*[bad_at(offset) for offset in range(10, 100)])

    run(scenario())


def test_all_lists_of_all_articles_are_published_at_the_first_count_the_empty_ones_too() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10), comment_at(10))
        await desk.partition.checkpoint()

        now = [window for window in Window if window is not Window.YESTERDAY]
        full = {list_id(Measure.COMMENTS, window, 0) for window in now}
        every = {list_id(measure, window, 0) for measure, windows in LISTED_WINDOWS.items() for window in windows}
        assert {name: n for name, n in desk.published().items() if ".g-" not in name} == {name: int(name in full) for name in every}

    run(scenario())


def test_groups_have_the_lists_that_have_entries() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10), comment_at(10))
        await desk.partition.checkpoint()

        groups = [ListGroup(section="World"), ListGroup(language="en"), ListGroup(section="World", language="en")]
        now = [window for window in Window if window is not Window.YESTERDAY]
        expected = {list_id(Measure.COMMENTS, window, 0, group): 1 for window in now for group in groups}
        assert {name: n for name, n in desk.published().items() if ".g-" in name} == expected

    run(scenario())


def test_an_article_is_listed_only_once_it_is_known() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(views_at(10))
        await desk.partition.checkpoint()
        assert desk.published()["views.all.p0"] == 0

        await desk.take(article_at(10))
        await desk.partition.checkpoint()

        assert desk.published()["views.all.p0"] == 1

    run(scenario())


def test_a_retracted_article_leaves_all_lists_and_late_views_do_not_bring_it_back() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10), views_at(10))
        await desk.partition.checkpoint()
        listed = {name for name, entries in desk.published().items() if entries}

        await desk.take(record_of(a_retraction(article_id=ARTICLE), ENRICHED, 11))
        await desk.partition.checkpoint()
        assert desk.published() == dict.fromkeys(listed, 0)

        await desk.take(views_at(11))
        await desk.take(article_at(12))
        await desk.partition.checkpoint()
        assert not any(desk.published().values())

    run(scenario())


def test_what_is_known_of_articles_is_stored_and_an_older_revision_changes_nothing() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10, revision=5, section="Sport"), article_at(11, revision=4))
        await desk.partition.checkpoint()

        (stored,) = [values[ABOUT_PREFIX + ARTICLE.encode()] for values, _ in desk.store.transactions]
        assert decode_attributes(stored).section == "Sport"

    run(scenario())


def test_what_is_no_article_is_left_to_the_indexer() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(record_of(an_enriched_article(article_id=ARTICLE), ENRICHED, 10, b"{"))
        await desk.partition.checkpoint()

        assert [record for record in desk.store.transactions[0][1] if record.topic != RANKED] == []
        assert desk.done == [10]

    run(scenario())


def test_a_list_that_becomes_empty_as_time_goes_by_is_published_empty() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10, section=None, language="und"), views_at(10))
        await desk.partition.checkpoint()

        desk.now += 3600
        await desk.partition.checkpoint()

        assert {name: entries for name, entries in desk.published().items() if name.startswith("views.")} == {"views.1h.p0": 0}

    run(scenario())


def test_a_list_is_not_published_more_often_than_set() -> None:
    async def scenario() -> None:
        desk = Desk(interval_seconds=3600)
        await desk.take(article_at(10), views_at(10))
        await desk.partition.checkpoint()
        await desk.take(views_at(11))
        await desk.partition.checkpoint()

        assert desk.published() == {}
        assert desk.stored_views() == 2

    run(scenario())


def test_the_revision_of_a_list_grows_even_when_the_clock_is_set_back() -> None:
    async def scenario() -> None:
        desk = Desk()
        revisions = []
        for offset in (10, 11):
            await desk.take(views_at(offset))
            await desk.partition.checkpoint()
            revisions.append(decode_position(desk.store.transactions[-1][0][POSITION_KEY]).as_of_ms)
            desk.now -= 7200

        assert revisions[1] > revisions[0]

    run(scenario())


def refused_readings(reason: str) -> float:
    value: float = REPORTS_REFUSED.labels(Measure.ENGAGED, reason)._value.get()  # noqa: SLF001 - the client tells it in no other way
    return value


def test_readings_count_once_however_often_they_come_and_are_stored_with_how_far_they_are_counted() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(article_at(10), reading_at(10), reading_at(10), reading_at(11, visitor="1" * 32), reading_at(9))
        await desk.partition.checkpoint()

        ((values, _),) = desk.store.transactions
        engaged = decode_counts(values[ARTICLE.encode()]).engaged
        assert engaged is not None
        assert total(engaged) == 80
        assert decode_position(values[POSITION_KEY]).sources[READING].next_offset == 12
        assert desk.published()["engaged.1h.p0"] == 1
        assert desk.published()["shares.1h.p0"] == 0

    run(scenario())


def test_readings_that_are_not_counted_are_told_by_reason_once_that_is_stored() -> None:
    async def scenario() -> None:
        desk, before = Desk(), {reason: refused_readings(reason) for reason in ("repeat", "late")}
        await desk.take(reading_at(10), reading_at(11), reading_at(12, time=TIME - timedelta(hours=25)))
        assert {reason: refused_readings(reason) for reason in before} == before

        await desk.partition.checkpoint()

        assert {reason: refused_readings(reason) - count for reason, count in before.items()} == {"repeat": 1, "late": 1}

    run(scenario())


def test_a_bad_reading_is_a_dead_letter_of_its_topic() -> None:
    async def scenario() -> None:
        desk = Desk()
        await desk.take(reading_at(10, value=b"{"))
        await desk.partition.checkpoint()

        letters = [record for record in desk.store.transactions[0][1] if record.topic == dead_letters_of(READING)]
        assert [letter.value for letter in letters] == [b"{"]

    run(scenario())
