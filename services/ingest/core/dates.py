"""Dates as pages write them: read without a clock and without guessing, refused where they cannot be true."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Nothing that is on the web is older; archives do put the papers of their first years online, so the limit is not 1995.
EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
#: Where software writes a date that it does not have: the zero of Unix time.
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
#: Clocks and zones of publishers differ; what is dated later than this after now is wrong, or embargoed.
LATEST_AHEAD = timedelta(days=1)

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_TIME = r"(?:[\s,|-]+(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s+[a-z]{2,5})?)?"
_DAY_LINES = tuple(
    re.compile(rf"^{_WEEKDAY}{day}{_TIME}$", re.IGNORECASE)
    for day in (
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\.?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})",
    )
)


def parse_day_line(line: str) -> datetime | None:
    """The day, at midnight UTC, that a line consists of: "Thursday, November 21, 2024", "21st Nov 2024 10:15", "2024-11-21".

    None where the line says more than a day and a time, and for 01/02/2024, which says different days to different readers.
    """
    text = " ".join(line.split())
    for pattern in _DAY_LINES if len(text) <= 60 else ():
        if found := pattern.match(text):
            month = found["month"].lower()
            try:
                return datetime(int(found["year"]), _MONTHS.get(month) or int(month), int(found["day"]), tzinfo=UTC)
            except ValueError:
                return None
    return None


def parse_timestamp(value: str) -> datetime | None:
    """The time that a metadata field states: ISO 8601 as schema.org asks for, RFC 5322, or an English day.

    What has no zone is taken for UTC.
    """
    text = value.strip()
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            time = parse(text)
        except ValueError:
            continue
        try:
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        except OverflowError:
            return None
    return parse_day_line(text)


def judge_date(time: datetime | None, now: datetime) -> datetime | None:
    """The time if it can be true of an article that is read at `now`, else None."""
    if time is None or time < EARLIEST or time == _ZERO or time > now + LATEST_AHEAD:
        return None
    return time
