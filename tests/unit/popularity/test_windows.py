"""From when to when a window reaches."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.popularity.core.counting import KEPT, Grain
from services.popularity.core.windows import Span, span_of
from shared.popularity import Window

PARIS, NEPAL = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kathmandu")


def minute_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() // 60)


def hours(span: Span | None) -> tuple[str, str | None]:
    assert span is not None
    assert span.grain is Grain.HOUR
    first, end = (None if hour is None else datetime.fromtimestamp(hour * 3600, UTC).strftime("%d %H") for hour in span[1:])
    assert first is not None
    return first, end


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window.TODAY, ("24 00", None)),
        (Window.YESTERDAY, ("23 00", "24 00")),
        (Window.THIS_WEEK, ("23 00", None)),  # 23 November 2026 is a Monday
    ],
)
def test_days_and_weeks_of_utc(window: Window, expected: tuple[str, str | None]) -> None:
    assert hours(span_of(window, minute_of("2026-11-24T12:30Z"), UTC)) == expected


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert hours(span_of(Window.TODAY, minute_of("2026-11-24T23:30Z"), PARIS)) == ("24 23", None)
    assert hours(span_of(Window.TODAY, minute_of("2026-11-24T22:59Z"), PARIS)) == ("23 23", None)


def test_the_day_on_which_clocks_are_set_back_has_25_hours_and_its_week_169() -> None:
    span = span_of(Window.YESTERDAY, minute_of("2026-10-26T12:00Z"), PARIS)
    assert span is not None
    assert span.end is not None
    assert span.end - span.first == 25

    late = minute_of("2026-10-25T22:59Z")
    week = span_of(Window.THIS_WEEK, late, PARIS)
    assert week is not None
    assert late // 60 - week.first + 1 == 169
    assert KEPT[Grain.HOUR] >= 169 + 1  # one hour ahead of the clock, too


def test_in_a_zone_that_is_not_whole_hours_away_a_day_begins_with_the_hour_of_its_midnight() -> None:
    assert hours(span_of(Window.TODAY, minute_of("2026-11-24T18:20Z"), NEPAL)) == ("24 18", None)
    assert hours(span_of(Window.TODAY, minute_of("2026-11-24T18:14Z"), NEPAL)) == ("23 18", None)


def test_a_span_holds_what_lies_in_its_buckets() -> None:
    span = Span(Grain.HOUR, 10, 12)

    assert [span.holds(minute) for minute in (599, 600, 719, 720)] == [False, True, True, False]
    assert Span(Grain.MINUTE, 10).holds(10**9)


def test_all_time_has_no_span() -> None:
    assert span_of(Window.ALL, 0, UTC) is None
