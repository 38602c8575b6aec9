"""What is to be counted of a record: the short way for the form that ingest writes must say what the long way says."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core import tallying
from services.popularity.core.tallying import CommentTally, ViewTally, tally_record
from shared.articles import ArticleRetracted
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, View
from shared.events import Body, Event, Record, encode_event
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.topics import ENGAGEMENT

TIME = datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC)
MINUTE = int(TIME.timestamp()) // 60
ARTICLE, OTHER = "a" * 32, "b" * 32


def record_of(body: Body, value: bytes | None = None, stored: datetime = TIME + timedelta(days=1)) -> Record:
    new = encode_event(Event("1", "test", TIME, TIME, body), ENGAGEMENT, None)
    timestamp_ms = int(stored.timestamp() * 1000)
    return Record(ENGAGEMENT, 0, 7, None, new.value if value is None else value, new.headers, timestamp_ms)


def views(*times: datetime, article: str = ARTICLE) -> EngagementRecorded:
    return EngagementRecorded(views=tuple(View(article_id=article, visitor="0" * 32, time=time) for time in times))


def test_views_count_in_the_minute_in_which_they_happened() -> None:
    assert tally_record(record_of(views(TIME, TIME + timedelta(minutes=2), TIME))) == ViewTally(
        {MINUTE: [ARTICLE.encode()] * 2, MINUTE + 2: [ARTICLE.encode()]}
    )


def test_a_view_from_after_it_was_stored_happened_when_it_was_stored() -> None:
    tally = tally_record(record_of(views(TIME + timedelta(days=9)), stored=TIME))

    assert tally == ViewTally({MINUTE: [ARTICLE.encode()]})


def test_a_comment_counts_in_the_minute_in_which_it_was_posted() -> None:
    comment = CommentPosted(comment_id="c" * 32, article_id=ARTICLE, revision=1, author="A", text="T", time=TIME)

    assert tally_record(record_of(comment)) == CommentTally(ARTICLE.encode(), MINUTE, bytes.fromhex("c" * 32))


def test_an_event_of_another_kind_is_a_dead_letter() -> None:
    tally = tally_record(record_of(ArticleRetracted(article_id=ARTICLE, revision=1, date_retracted=TIME)))

    assert isinstance(tally, DeadLettered)
    assert tally.code is DeadLetterCode.INVALID


TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds must be naive
BODIES = st.builds(
    EngagementRecorded,
    views=st.lists(
        st.builds(
            View,
            article_id=st.sampled_from([ARTICLE, OTHER]),
            visitor=st.text("0123456789abcdef", min_size=16, max_size=64),
            time=TIMES | st.sampled_from([TIME, TIME + timedelta(minutes=1)]),
        ),
        min_size=1,
        max_size=8,
    ).map(tuple),
)


@given(BODIES)
def test_the_short_way_takes_what_ingest_writes(body: EngagementRecorded) -> None:
    assert tallying._split_views(record_of(body).value or b"") is not None  # noqa: SLF001 - both ways give the same from outside


def the_long_way(record: Record) -> tallying.Tally | DeadLettered:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallying, "_split_views", lambda _: None)
        return tally_record(record)


@given(BODIES)
def test_both_ways_count_the_same(body: EngagementRecorded) -> None:
    record = record_of(body)

    assert tally_record(record) == the_long_way(record)


@given(BODIES, st.data())
def test_both_ways_agree_on_values_that_are_damaged(body: EngagementRecorded, data: st.DataObject) -> None:
    value = bytearray(record_of(body).value or b"")
    at = data.draw(st.integers(0, len(value) - 1))
    value[at : at + data.draw(st.integers(0, 3))] = data.draw(
        st.sampled_from([b"", b"9", b"Z", b'"', b"},{", b"f", b"\\u0061", b" "])
    )
    record = record_of(body, bytes(value))

    assert tally_record(record) == the_long_way(record)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", DeadLetterCode.NOT_JSON),
        (b"{", DeadLetterCode.NOT_JSON),
        (b'{"views":[]}', DeadLetterCode.INVALID),
        (b'{"views":[{"article_id":"%s"}]}' % ARTICLE.encode(), DeadLetterCode.INVALID),
        ((record_of(views(TIME)).value or b"").replace(b"09:00:30", b"25:00:30"), DeadLetterCode.INVALID),
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

    assert tally_record(record_of(views(TIME), spaced)) == ViewTally({MINUTE: [ARTICLE.encode()]})
