"""Counting the log again gives what was stored, byte for byte, and the same lists."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from services.popularity.core.attributes import Attributes
from services.popularity.core.counting import ArticleCounts, decode_counts, encode_counts
from services.popularity.core.fairness import Fairness, FairnessRules
from services.popularity.core.recount import Difference, build_swap, find_differences, recount
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import tally_record
from services.popularity.publishing import PublishedLists
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, ShareReported, View
from shared.events import Event, Record, encode_event
from shared.outcomes import DeadLettered, NewRecord
from shared.topics import COMMENTS, ENGAGEMENT, READING

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ARTICLES = [f"{number:032x}" for number in range(20)]
RULES = FairnessRules(visitor_seconds=1800)


def a_log(records: int) -> list[Record]:
    """Views, comments, readings and shares of three hours, some of them late, some repeated, one that does not decode."""
    generator = random.Random(1)  # noqa: S311 - test data, the same each time
    log = []
    for number in range(records):
        stored = START + timedelta(seconds=3 * 3600 * number / records)
        views = tuple(
            View(
                article_id=generator.choice(ARTICLES),
                visitor=f"{generator.randrange(40):032x}",
                time=stored - timedelta(minutes=generator.choice((0, 0, 1, 300))),
            )
            for _ in range(20)
        )
        log.append(stored_record(EngagementRecorded(views=views), ENGAGEMENT, number, stored))
        comment = CommentPosted(
            comment_id=f"{generator.randrange(60):032x}",
            article_id=generator.choice(ARTICLES),
            revision=1,
            author="A",
            text="T",
            time=stored,
        )
        log.append(stored_record(comment, COMMENTS, number, stored))
        who = {"article_id": generator.choice(ARTICLES), "visitor": f"{generator.randrange(40):032x}"}
        when = stored - timedelta(minutes=generator.choice((0, 0, 1, 300)))
        read = ReadingReported(**who, time=when, engaged_seconds=generator.randrange(1, 1801))
        log.append(stored_record(read, READING, 2 * number, stored))
        log.append(stored_record(ShareReported(**who, time=when), READING, 2 * number + 1, stored))
    bad = log[0]
    return [*log, Record(bad.topic, 0, records, None, b"{", bad.headers, bad.timestamp_ms)]


def stored_record(
    body: EngagementRecorded | CommentPosted | ReadingReported | ShareReported, topic: str, offset: int, time: datetime
) -> Record:
    made = encode_event(Event("1", "test", time, time, body), topic, None)
    return Record(topic, 0, offset, None, made.value, made.headers, int(time.timestamp() * 1000))


def undisturbed(log: list[Record]) -> tuple[PartitionState, dict[bytes, bytes]]:
    """What a worker holds and has stored that counted as the records came, with checkpoints in between."""
    state = PartitionState({}, log[0].timestamp_ms // 60_000, Fairness(RULES), known())
    stored: dict[bytes, bytes | None] = {}
    for record in log:
        stored |= state.settle(record.timestamp_ms // 60_000)
        tally = tally_record(record)
        if not isinstance(tally, DeadLettered):
            state.take(tally)
    stored |= state.settle(end_of(log))
    return state, {key: value for key, value in stored.items() if value is not None}


def end_of(log: list[Record]) -> int:
    return max(record.timestamp_ms for record in log) // 60_000 + 3


def known() -> dict[bytes, Attributes]:
    sections = ("World", "Sport", None)
    return {name.encode(): Attributes(1, section=sections[n % 3], language="en", minute=0) for n, name in enumerate(ARTICLES)}


def shuffled_topics(log: list[Record]) -> Iterator[Record]:
    """One topic after the other, as they are read again."""
    for topic in (READING, ENGAGEMENT, COMMENTS):
        yield from (record for record in log if record.topic == topic)


def lists_of(state: PartitionState, now_minute: int) -> dict[bytes | None, NewRecord]:
    due = asyncio.run(PublishedLists(0, 0.0).make(state, 0.0, now_minute * 60_000))
    return {record.key: record for record in due.records}


def test_counts_and_lists_are_those_of_an_undisturbed_run_byte_for_byte() -> None:
    log = a_log(300)
    state, stored = undisturbed(log)

    values = recount(shuffled_topics(log), PartitionState({}, end_of(log), Fairness(RULES)), end_of(log))

    articles = {key: value for key, value in values.items() if len(key) == 32}
    assert articles == {key: value for key, value in stored.items() if len(key) == 32}
    assert find_differences(stored, values) == []
    assert all(decode_counts(value).engaged and decode_counts(value).shares for value in articles.values())
    again = PartitionState({key: decode_counts(value) for key, value in articles.items()}, end_of(log), known=known())
    undisturbed_lists = lists_of(state, end_of(log))
    assert lists_of(again, end_of(log)) == undisturbed_lists
    assert len(undisturbed_lists) > 50


def test_a_worker_that_stalled_for_hours_comes_to_the_same_counts() -> None:
    log = a_log(100)
    _, stored = undisturbed(log)
    state = PartitionState({}, log[0].timestamp_ms // 60_000, Fairness(RULES), known())
    for record in log:
        tally = tally_record(record)
        if not isinstance(tally, DeadLettered):
            state.take(tally)

    assert find_differences(stored, {key: value for key, value in state.settle(end_of(log)).items() if value is not None}) == []


def test_every_article_that_differs_is_named_with_both_totals() -> None:
    log = a_log(20)
    _, stored = undisturbed(log)
    values = recount(log, PartitionState({}, end_of(log), Fairness(RULES)), end_of(log))
    first, second = sorted(key for key in stored if len(key) == 32)[:2]
    extra = decode_counts(stored[first])
    extra.views[-1] += 1
    tampered = {**stored, first: encode_counts(extra), b"f" * 32: encode_counts(ArticleCounts())}
    del tampered[second]

    differences = find_differences(tampered, values)

    assert [each.article for each in differences] == [first.decode(), second.decode(), "f" * 32]
    assert differences[0].stored[0] == differences[0].recounted[0] + 1
    assert differences[1].stored == (0, 0)
    assert differences[2] == Difference("f" * 32, (0, 0), (0, 0))


def test_a_swap_deletes_what_the_log_does_not_have_and_keeps_what_is_known_of_articles() -> None:
    stored = {b"a" * 32: b"old", b"b" * 32: b"old", b"about:x": b"known", b"position": b"old"}

    swap = build_swap(stored, {b"a" * 32: b"new", b"position": b"new"}, (b"about:", b"position"))

    assert swap == {b"a" * 32: b"new", b"b" * 32: None, b"position": b"new"}
