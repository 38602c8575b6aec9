"""Dates as pages spell them: the same time from every spelling, nothing from what could be two, nothing that cannot be."""

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.dates import EARLIEST, LATEST_AHEAD, judge_date, parse_day_line, parse_timestamp

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
zones = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
days = st.dates(date(1990, 1, 2), date(2026, 11, 20))
times = st.builds(lambda day, clock, zone: datetime.combine(day, clock.replace(microsecond=0), zone), days, st.times(), zones)
any_text = (
    st.text() | st.text("0123456789 .,:/-+TZapmGNovJulth年", max_size=40) | st.text(st.characters(categories=["Cs", "Nd", "Zs"]))
)

#: Spellings with a time to the second and a zone, to the minute, and of a day alone, as strftime has them.
EXACT = [
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %Y %H:%M:%S GMT%z",
    "%H:%M:%S %z %B %d, %Y",
]
TO_THE_MINUTE = [
    "%A, %B %d, %Y %H:%M",
    "%d %B %Y, %I:%M %p",
    "%a %I:%M %p, %b %d, %Y",
    "%Y/%m/%d %H.%M",
    "on %A, %B %d, %Y at %I:%M%p",
]
OF_A_DAY = ["%Y-%m-%d", "%Y%m%d", "%B %d, %Y", "%b. %d %Y", "%d %b %Y", "%A %d. %B %Y", "%d of %B %Y", "%Y年%m月%d日", "%Y.%m.%d"]


@given(times, st.sampled_from(EXACT))
def test_a_time_with_its_zone_is_the_same_in_every_spelling(time, spelling):
    assert parse_timestamp(time.strftime(spelling)) == time


@given(times)
def test_the_spelling_of_mail_and_feeds_is_read(time):
    assert parse_timestamp(format_datetime(time)) == time


@given(times, st.sampled_from(TO_THE_MINUTE))
def test_a_time_without_zone_is_taken_as_it_stands(time, spelling):
    assert parse_timestamp(time.strftime(spelling)) == time.replace(second=0, tzinfo=UTC)


@given(times, st.sampled_from(OF_A_DAY))
def test_a_day_without_time_begins_at_midnight(time, spelling):
    assert parse_timestamp(time.strftime(spelling)) == datetime(time.year, time.month, time.day, tzinfo=UTC)


@given(times, st.sampled_from(["%A, %B %d, %Y", "%d %b %Y %H:%M %z", "%Y-%m-%d", "%I:%M %p EST, %B %d, %Y"]))
def test_a_line_that_is_a_day_is_that_day_whatever_its_zone(time, spelling):
    assert parse_day_line(time.strftime(spelling)) == datetime(time.year, time.month, time.day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("01:38:07 PM IST Nov 20, 2019", "2019-11-20T13:38:07+00:00"),
        ("11:34 PM EST Nov 19, 2019", "2019-11-19T23:34:00-05:00"),
        ("Nov. 20, 2019, 9:28 AM UTC", "2019-11-20T09:28:00+00:00"),
        ("Wed Nov 20 2019 09:28:00 GMT+0000 (UTC)", "2019-11-20T09:28:00+00:00"),
        ("2019-11-18 17:19:53 GMT", "2019-11-18T17:19:53+00:00"),
        ("Mon 18 Nov 2019 18.54 GMT", "2019-11-18T18:54:00+00:00"),
        ("Nov 20 15:23:00 2019", "2019-11-20T15:23:00+00:00"),
        ("2019-11-19T13:16+0000", "2019-11-19T13:16:00+00:00"),
        ("Nov 20 2019, 15:24pm", "2019-11-20T15:24:00+00:00"),
        ("12 December 2019 – 12am", "2019-12-12T00:00:00+00:00"),
        ("18 Nov 19 16:07:38 GMT", "2019-11-18T16:07:38+00:00"),
        ("sexta-feira, 22 de outubro de 2010 às 20:13", "2010-10-22T20:13:00+00:00"),
        ("30. Juli 2018", "2018-07-30T00:00:00+00:00"),
        ("1er juillet 2018", "2018-07-01T00:00:00+00:00"),
        ("24 сентября 2018 г.", "2018-09-24T00:00:00+00:00"),
        ("٢١ نوفمبر ٢٠٢٤", "2024-11-21T00:00:00+00:00"),
        ("27/09/2018", "2018-09-27T00:00:00+00:00"),
        ("11.14.2019 09:00 AM", "2019-11-14T09:00:00+00:00"),
    ],
)
def test_spellings_of_the_wild_are_read(text, time):
    assert parse_timestamp(text) == datetime.fromisoformat(time)


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2024",
        "11/19/19 06:56 AM",
        "20-11-19",
        "May 2020",
        "2020",
        "3 days ago",
        "Today",
        "Saturday, 5 May 2018 was a day like others",
        "5 May 2018 6 May 2018",
        "30 February 2019",
        "5 May 2018 25:00",
        "5 May 2018 10:00 +9900",
        "1574097593",
        "",
    ],
)
def test_what_says_no_day_or_perhaps_two_is_left_alone(text):
    assert parse_timestamp(text) is None


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.sampled_from("/.-"))
def test_days_in_figures_are_read_only_where_one_order_is_possible(day, sign):
    written = f"{day.day:02}{sign}{day.month:02}{sign}{day.year}"
    sure = day.day > 12 or day.day == day.month

    assert parse_timestamp(written) == (datetime(day.year, day.month, day.day, tzinfo=UTC) if sure else None)


@given(any_text)
def test_any_text_is_a_time_in_utc_or_none(text):
    time = parse_timestamp(text)

    assert time is None or time.utcoffset() == timedelta(0)


@given(any_text)
def test_any_line_is_a_midnight_in_utc_or_none(text):
    day = parse_day_line(text)

    assert day is None or day == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(any_text | times.map(str) | st.datetimes(timezones=st.none() | zones).map(str), times)
def test_what_is_believed_lies_between_the_first_archives_and_tomorrow(text, now):
    judged = judge_date(parse_timestamp(text), now)

    assert judged is None or EARLIEST <= judged <= now + LATEST_AHEAD


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:00:00Z",
        "1969-12-31T19:00:00-05:00",
        "Thu, 01 Jan 1970 00:00:07 GMT",
        "1899-12-31T23:59:59Z",
        "2203-05-06",
        "2031-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_dates_of_no_clock_are_refused(text):
    assert judge_date(parse_timestamp(text), NOW) is None


@pytest.mark.parametrize("text", ["1990-01-01T00:00:00Z", "2026-11-25T11:59:59Z", "2026-11-25T13:59:59+02:00"])
def test_the_first_and_the_last_possible_date_are_believed(text):
    assert judge_date(parse_timestamp(text), NOW) == datetime.fromisoformat(text)
