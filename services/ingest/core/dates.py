"""Dates as pages write them: read without a clock and without guessing, refused where they cannot be true."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from services.ingest.core.date_words import FILLERS, MONTHS, UNCLEAR_ZONES, ZONES

#: Nothing that is on the web is older; archives do put the papers of their first years online, so the limit is not 1990.
EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
#: Software that has no date writes the zero of Unix time, or some seconds after it, in whatever zone.
_ZERO_FROM, _ZERO_TO = datetime(1969, 12, 31, 10, tzinfo=UTC), datetime(1970, 1, 1, 14, tzinfo=UTC)
#: Clocks and zones of publishers differ; what is dated later than this after now is wrong, or embargoed.
LATEST_AHEAD = timedelta(days=1)

#: Longer ones are sentences.
_LONGEST = 80
_NUMERIC = re.compile(
    r"(?<![\d:])(?:(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?=\D|$)t?"
    r"|(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\6(?P<last>\d{4})(?!\d)"
    r"|(?P<cjk_year>\d{4})\s*[年년]\s*(?P<cjk_month>\d{1,2})\s*[月월]\s*(?P<cjk_day>\d{1,2})\s*[日일])"
)
_OFFSET = re.compile(r"(?:\b(?:gmt|utc)\s*)?(?<![\d.-])(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})\b(?:\s*\([^)]*\))?")
_TIME = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?)?(?![\d:])"
    r"\s*(?P<half>[ap]\.?m\b\.?)?(?:\s*(?P<zone>" + "|".join((*ZONES, *UNCLEAR_ZONES)) + r")\b)?"
)
_WORDED_DAYS = tuple(
    re.compile(order)
    for order in (
        (
            r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°)?\.?,?\s+(?:(?:of|de)\s+)?"
            r"(?P<month>[^\W\d_]+)\b\.?,?(?:\s+(?:de|del))?\s+(?P<year>\d{4})(?![\d:])"
        ),
        r"\b(?P<month>[^\W\d_]+)\b\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?![\d:])",
        # As C writes it, with the time between: "Nov 20 15:23:00 2019".
        r"\b(?P<month>[^\W\d_]+)\b\.?\s+(?P<day>\d{1,2})\s+(?P<between>\d{1,2}:\d{2}(?::\d{2})?)\s+(?P<year>\d{4})(?!\d)",
    )
)
#: A year of two digits is read only in the form that RFC 822 gave to mail and feeds.
_RFC_822 = re.compile(
    r"^(?:[a-z]{3},\s*)?\d{1,2}\s+[a-z]{3}\s+\d{2}\s+\d{2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|[a-z]{1,4})$", re.IGNORECASE
)
_NOT_WORDS = re.compile(r"[^\w-]+")


def _read_numbers(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day of 2024-11-21, or of 21/11/2024 where only one order is possible."""
    if found["year"]:
        return int(found["year"]), int(found["month"]), int(found["day"])
    if found["cjk_year"]:
        return int(found["cjk_year"]), int(found["cjk_month"]), int(found["cjk_day"])
    one, two, year = int(found["one"]), int(found["two"]), int(found["last"])
    if one == two or two > 12 >= one:
        return year, one, two
    return (year, two, one) if one > 12 >= two else None


def _take_day(text: str) -> tuple[tuple[int, int, int], str] | None:
    """Year, month and day, and the text without them."""
    if found := _NUMERIC.search(text):
        numbers = _read_numbers(found)
        return (numbers, f"{text[: found.start()]} {text[found.end() :]}") if numbers else None
    for pattern in _WORDED_DAYS:
        for found in pattern.finditer(text):
            if month := MONTHS.get(found["month"]):
                between = found.groupdict().get("between") or ""
                day = int(found["year"]), month, int(found["day"])
                return day, f"{text[: found.start()]} {between} {text[found.end() :]}"
    return None


def _take_offset(text: str) -> tuple[tzinfo | None, str]:
    found = _OFFSET.search(text)
    if not found:
        return None, text
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    zone = timezone(-ahead if found["sign"] == "-" else ahead)
    return zone, f"{text[: found.start()]} {text[found.end() :]}"


def _take_time(text: str) -> tuple[tuple[int, int, int], tzinfo | None, str]:
    """Hour, minute and second, midnight if there are none; the zone that is named behind them; the text without them."""
    for found in _TIME.finditer(text):
        if not (found["minute"] or found["half"]):
            continue
        hour, half = int(found["hour"]), (found["half"] or "")[:1]
        if half and hour <= 12:  # "15:24pm" is written too
            hour = hour % 12 + (12 if half == "p" else 0)
        ahead = ZONES.get(found["zone"] or "")
        zone = None if ahead is None else timezone(timedelta(hours=ahead))
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        return (hour, int(found["minute"] or 0), int(found["second"] or 0)), zone, rest
    return (0, 0, 0), None, text


def _parse_written(text: str) -> datetime | None:
    """The time that a text consists of, in the zone that it names, if any: "Fri 6:45 PM EST, Feb 16, 2018"."""
    folded = " ".join(text.replace("•", " ").split()).casefold()
    if len(folded) > _LONGEST or not (taken := _take_day(folded)):
        return None
    day, rest = taken
    zone, rest = _take_offset(rest)
    time, named, rest = _take_time(rest)
    words = (word.strip("-") for word in _NOT_WORDS.split(rest))
    if any(word and word not in FILLERS and word not in ZONES for word in words):
        return None
    return datetime(*day, *time, tzinfo=zone or named)


def _parse_rfc_822(text: str) -> datetime | None:
    return parsedate_to_datetime(text) if _RFC_822.match(text) else None


def _parse_as(parse: Callable[[str], datetime | None], text: str) -> datetime | None:
    try:
        return parse(text)
    except (ValueError, OverflowError):  # the 30th of February; 25 o'clock; a zone 40 hours ahead
        return None


def parse_day_line(line: str) -> datetime | None:
    """The day, at midnight UTC, that a line consists of: "Thursday, November 21, 2024", "21st Nov 2024 10:15", "2024-11-21".

    The day is the one that stands there, whatever it is in UTC. None where the line says more than a day and a time, and for
    01/02/2024, which says different days to different readers.
    """
    time = _parse_as(_parse_written, line)
    return time and datetime(time.year, time.month, time.day, tzinfo=UTC)


def parse_timestamp(value: str) -> datetime | None:
    """The time in UTC that a metadata field or a date line states: ISO 8601 as schema.org asks for, RFC 822, or a written day.

    What has no zone, or one with several meanings such as IST, is taken for UTC: so the day stays the one that is written.
    """
    text = value.strip()[: 2 * _LONGEST]
    for parse in (datetime.fromisoformat, _parse_rfc_822, _parse_written):
        if time := _parse_as(parse, text):
            try:
                return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
            except OverflowError:
                return None
    return None


def judge_date(time: datetime | None, now: datetime) -> datetime | None:
    """The time if it can be true of an article that is read at `now`, else None."""
    if time is None or time < EARLIEST or time > now + LATEST_AHEAD or _ZERO_FROM <= time <= _ZERO_TO:
        return None
    return time
