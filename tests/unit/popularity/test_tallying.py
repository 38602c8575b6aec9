"""What is to be counted of a record: the short way for the form that ingest writes must say what the long way says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core import tallying, view_rows
from services.popularity.core.fairness import Reason
from services.popularity.core.reports import ReportTally
from services.popularity.core.tallying import CommentTally, ViewTally, tally_record
from services.popularity.core.view_rows import ViewColumns, build_columns, read_readings, read_shares, read_views, tell_articles
from shared.articles import ArticleRetracted
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, Reading, ReadingReported, ReadingsReported, ShareReported, SharesReported, View
from shared.events import Body, Event, Record, encode_event
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.popularity import Measure
from shared.topics import ENGAGEMENT, READING

TIME = datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC)
SECOND = int(TIME.timestamp())
MINUTE = SECOND // 60
ARTICLE, OTHER = "a" * 32, "b" * 32


def record_of(body: Body, value: bytes | None = None, stored: datetime = TIME + timedelta(hours=1)) -> Record:
    new = encode_event(Event("1", "test", TIME, TIME, body), ENGAGEMENT, None)
    timestamp_ms = int(stored.timestamp() * 1000)
    return Record(ENGAGEMENT, 0, 7, None, new.value if value is None else value, new.headers, timestamp_ms)


def columns(tally: tallying.Tally | DeadLettered) -> object:
    """What a tally says, to be compared: views and reports as rows."""
    if isinstance(tally, ViewTally):
        return rows_of(tally.views), tally.stored_at, dict(tally.refused)
    if isinstance(tally, ReportTally):
        numbers = tally.numbers.tolist()
        return tally.measure, rows_of(tally.reports), numbers, tally.stored_at, dict(tally.refused)
    return tally


def rows_of(views: ViewColumns) -> list[tuple[bytes, int, int, int]]:
    """Article, pair, network and second of each."""
    return list(zip(views.articles.tolist(), views.pairs.tolist(), views.networks.tolist(), views.seconds.tolist(), strict=True))


def times_of(tally: tallying.Tally | DeadLettered) -> list[int]:
    assert isinstance(tally, ViewTally)
    times: list[int] = tally.views.seconds.tolist()
    return times


def views(*times: datetime, article: str = ARTICLE) -> EngagementRecorded:
    return EngagementRecorded(views=tuple(View(article_id=article, visitor="0" * 32, time=time) for time in times))


def test_views_count_when_they_happened() -> None:
    tally = tally_record(record_of(views(TIME, TIME - timedelta(minutes=2), TIME), stored=TIME))

    assert times_of(tally) == [SECOND, SECOND - 120, SECOND]
    assert isinstance(tally, ViewTally)
    assert tally.views.articles.tolist() == [ARTICLE.encode()] * 3


def test_a_view_from_after_it_was_stored_happened_when_it_was_stored() -> None:
    assert times_of(tally_record(record_of(views(TIME + timedelta(minutes=5)), stored=TIME))) == [SECOND]


def test_views_that_are_late_or_ahead_of_their_time_are_left_out_by_reason() -> None:
    day, ahead = timedelta(hours=24), timedelta(minutes=5)
    second = timedelta(seconds=1)
    body = views(TIME - day - second, TIME - day, TIME, TIME + ahead, TIME + ahead + second, TIME + 9 * day)

    tally = tally_record(record_of(body, stored=TIME))

    assert times_of(tally) == [SECOND - 86_400, SECOND, SECOND]
    assert isinstance(tally, ViewTally)
    assert tally.refused == {Reason.LATE: 1, Reason.FUTURE: 2}


def test_visitors_and_articles_are_told_apart() -> None:
    a_view, another = View(article_id=ARTICLE, visitor="0" * 32, time=TIME), View(article_id=ARTICLE, visitor="1" * 32, time=TIME)
    third = View(article_id=OTHER, visitor="0" * 32, time=TIME)

    tally = tally_record(record_of(EngagementRecorded(views=(a_view, another, third, a_view))))

    assert isinstance(tally, ViewTally)
    assert len(set(tally.views.pairs.tolist())) == 3
    assert tally.views.pairs[0] == tally.views.pairs[3]


def test_a_comment_counts_in_the_minute_in_which_it_was_posted() -> None:
    comment = CommentPosted(comment_id="c" * 32, article_id=ARTICLE, revision=1, author="A", text="T", time=TIME)

    assert tally_record(record_of(comment)) == CommentTally(ARTICLE.encode(), MINUTE, bytes.fromhex("c" * 32))


def test_a_comment_from_after_it_was_stored_was_posted_when_it_was_stored() -> None:
    comment = CommentPosted(comment_id="c" * 32, article_id=ARTICLE, revision=1, author="A", text="T", time=TIME)

    tally = tally_record(record_of(comment, stored=TIME - timedelta(hours=1)))

    assert isinstance(tally, CommentTally)
    assert tally.minute == MINUTE - 60


def a_reading(time: datetime = TIME) -> ReadingReported:
    return ReadingReported(article_id=ARTICLE, visitor="0" * 32, time=time, engaged_seconds=42, network="f" * 16)


def reported(body: Body, stored: datetime = TIME + timedelta(hours=1)) -> ReportTally:
    tally = tally_record(replace(record_of(body, stored=stored), topic=READING))
    assert isinstance(tally, ReportTally)
    return tally


def test_a_reading_counts_its_seconds_when_the_page_was_left() -> None:
    viewed = tally_record(record_of(views(TIME)))
    assert isinstance(viewed, ViewTally)

    row = (ARTICLE.encode(), int(viewed.views.pairs[0]), 2**64 - 1, SECOND)
    assert columns(reported(a_reading())) == (Measure.ENGAGED, [row], [42], SECOND + 3600, {})


def test_a_share_counts_as_one() -> None:
    tally = reported(ShareReported(article_id=ARTICLE, visitor="0" * 32, time=TIME))

    assert (tally.measure, tally.numbers.tolist(), tally.reports.networks.tolist()) == (Measure.SHARES, [1], [0])


def test_reports_that_share_a_record_are_those_of_a_record_each() -> None:
    who = [{"article_id": ARTICLE, "visitor": visitor * 32, "time": TIME} for visitor in "012"]
    readings = ReadingsReported(readings=tuple(Reading(**each, engaged_seconds=n) for n, each in enumerate(who, start=9)))
    shares = SharesReported(shares=tuple(View(**each) for each in who))

    alone = [reported(ReadingReported(**each, engaged_seconds=n)) for n, each in enumerate(who, start=9)]
    assert reported(readings).numbers.tolist() == [9, 10, 11]
    assert rows_of(reported(readings).reports) == rows_of(reported(shares).reports)
    assert rows_of(reported(shares).reports) == [row for each in alone for row in rows_of(each.reports)]


def test_a_report_from_after_it_was_stored_happened_when_it_was_stored() -> None:
    assert reported(a_reading(TIME + timedelta(minutes=5)), stored=TIME).reports.seconds.tolist() == [SECOND]


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [
        (timedelta(hours=-24), None),
        (timedelta(hours=-24, seconds=-1), Reason.LATE),
        (timedelta(minutes=5), None),
        (timedelta(minutes=5, seconds=1), Reason.FUTURE),
    ],
)
def test_a_report_that_is_late_or_ahead_of_its_time_is_refused(ahead: timedelta, reason: Reason | None) -> None:
    tally = reported(a_reading(TIME + ahead), stored=TIME)

    assert (len(tally), tally.refused) == ((1, {}) if reason is None else (0, {reason: 1}))


@pytest.mark.parametrize("body", [a_reading(), SharesReported(shares=views(TIME).views)])
def test_a_report_by_another_topic_is_a_dead_letter_since_its_order_towards_the_others_is_not_known(body: Body) -> None:
    assert isinstance(tally_record(record_of(body)), DeadLettered)


def test_articles_are_told_apart_even_if_the_numbers_made_of_their_ids_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [ARTICLE, OTHER, ARTICLE, "c" * 32, OTHER]
    found = build_columns([View(article_id=name, visitor="0" * 32, time=TIME) for name in names])
    by_number = tell_articles(found)
    monkeypatch.setattr(view_rows, "_ID_MIX", np.zeros(4, np.uint64))

    for told in (by_number, tell_articles(found)):
        assert [told.names[number].decode() for number in told.numbers.tolist()] == names
        assert len(told.names) == 3


def test_an_event_of_another_kind_is_a_dead_letter() -> None:
    tally = tally_record(record_of(ArticleRetracted(article_id=ARTICLE, revision=1, date_retracted=TIME)))

    assert isinstance(tally, DeadLettered)
    assert tally.code is DeadLetterCode.INVALID


TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds must be naive
HEX = "0123456789abcdef"


def bodies(
    visitors: st.SearchStrategy[str], times: st.SearchStrategy[datetime], networks: st.SearchStrategy[str | None]
) -> st.SearchStrategy[EngagementRecorded]:
    articles = st.sampled_from([ARTICLE, OTHER]) | st.text(HEX, min_size=32, max_size=32)
    row = st.builds(View, article_id=articles, visitor=visitors, time=times, network=networks)
    return st.builds(EngagementRecorded, views=st.lists(row, min_size=1, max_size=8).map(tuple))


SECONDS = (TIMES | st.sampled_from([TIME, TIME + timedelta(minutes=1)])).map(lambda time: time.replace(microsecond=0))
HASHES, NETWORKS = st.text(HEX, min_size=32, max_size=32), st.text(HEX, min_size=16, max_size=16)
#: As ingest writes them; and whatever the model allows.
WRITTEN = bodies(HASHES, SECONDS, st.none()) | bodies(HASHES, SECONDS, NETWORKS)
BODIES = WRITTEN | bodies(st.text(HEX, min_size=16, max_size=64), TIMES, st.none() | NETWORKS)


@given(WRITTEN)
def test_the_short_way_takes_what_ingest_writes(body: EngagementRecorded) -> None:
    assert read_views(record_of(body).value or b"") is not None


def the_long_way(record: Record) -> tallying.Tally | DeadLettered:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_views", "read_shares", "read_readings"):
            patch.setattr(tallying, name, lambda _: None)
        return tally_record(record)


ENGAGED = st.integers(1, 1800)


@given(WRITTEN, st.lists(ENGAGED, min_size=8, max_size=8), st.sampled_from([b"%4d", b"%d", b"%5d", b"%04d"]))
def test_both_ways_count_the_same_readings_and_shares(body: EngagementRecorded, engaged: list[int], form: bytes) -> None:
    """Ingest puts spaces before the seconds; others may write them as they like."""
    rows = [view.model_dump_json(exclude_none=True).encode()[:-1] for view in body.views]
    readings = [b'%b,"engaged_seconds":%b}' % (row, form % number) for row, number in zip(rows, engaged, strict=False)]
    values = {
        "readings": b'{"readings":[%b]}' % b",".join(readings),
        "shares": b'{"shares":[%b]}' % b",".join(row + b"}" for row in rows),
    }
    one = Reading(**body.views[0].model_dump(), engaged_seconds=1)
    either: tuple[Body, Body] = ReadingsReported(readings=(one,)), SharesReported(shares=body.views)
    assert read_shares(values["shares"]) is not None
    assert form != b"%4d" or read_readings(values["readings"]) is not None

    for like, value in zip(either, values.values(), strict=True):
        record = replace(record_of(like, value), topic=READING)
        assert columns(tally_record(record)) == columns(the_long_way(record))


@given(BODIES)
def test_both_ways_count_the_same(body: EngagementRecorded) -> None:
    record = record_of(body)

    assert columns(tally_record(record)) == columns(the_long_way(record))


@given(BODIES, st.data())
def test_both_ways_agree_on_values_that_are_damaged(body: EngagementRecorded, data: st.DataObject) -> None:
    value = bytearray(record_of(body).value or b"")
    at = data.draw(st.integers(0, len(value) - 1))
    value[at : at + data.draw(st.integers(0, 3))] = data.draw(
        st.sampled_from([b"", b"9", b"Z", b'"', b"},{", b"f", b"F", b"\\u0061", b" ", b"-", b"W"])
    )
    record = record_of(body, bytes(value))

    assert columns(tally_record(record)) == columns(the_long_way(record))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", DeadLetterCode.NOT_JSON),
        (b"{", DeadLetterCode.NOT_JSON),
        (b'{"views":[]}', DeadLetterCode.INVALID),
        (b'{"views":[{"article_id":"%s"}]}' % ARTICLE.encode(), DeadLetterCode.INVALID),
        ((record_of(views(TIME)).value or b"").replace(b"09:00:30", b"25:00:30"), DeadLetterCode.INVALID),
        ((record_of(views(TIME)).value or b"").replace(b"aaa", b"AAA"), DeadLetterCode.INVALID),
        ((record_of(views(TIME)).value or b"").replace(b"2026-11-24T", b"2026-W48-2T"), DeadLetterCode.INVALID),
        (
            b'{"views":[{"article_id":"%s","visitor":"%s","time":"2026-11-24T09:00:75Z"}]}' % (b"a" * 32, b"0" * 32),
            DeadLetterCode.INVALID,
        ),
    ],
)
def test_what_does_not_decode_is_a_dead_letter(value: bytes, code: DeadLetterCode) -> None:
    tally = tally_record(record_of(views(TIME), value))

    assert isinstance(tally, DeadLettered)
    assert tally.code is code


def test_the_form_of_another_writer_counts_as_well() -> None:
    spaced = orjson.dumps(
        {"extra": 1, "views": [{"time": "2026-11-24T10:00:30+01:00", "article_id": ARTICLE, "visitor": "0" * 16}]}
    )

    assert columns(tally_record(record_of(views(TIME), spaced)))[0][0][::3] == (ARTICLE.encode(), SECOND)  # type: ignore[index]
