"""The first and the last moment that a search is narrowed down to, as they are written in an address: `from=2024`, `to=2024-05-17`.

Whatever is named counts as a whole: `to=2024` is the end of that year. Days are those of UTC. Beside this `query_dates` reads the
dates that stand in queries.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

#: What is named, from the year on, and the offset from UTC, whose `+` addresses turn into a blank.
_PATTERN = (
    r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})"
    r"(?:[Tt](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|z|[+ \-]\d{2}:?(?:\d{2})?)?)?)?)?$"
)
_WRITTEN = re.compile(_PATTERN, re.ASCII)
ACCEPTED = (
    "write a year (2024), a month (2024-05), a day (2024-05-17) or a time (2024-05-17T10:30, which is UTC, or "
    "2024-05-17T10:30:00+02:00)"
)
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Bound:
    """Where what is searched begins or ends. `text` is how it was written, `moment` the first or the last one, itself included."""

    text: str
    moment: datetime

    def __str__(self) -> str:
        return self.text

    def isoformat(self) -> str:
        """The moment, RFC 3339 in UTC."""
        return self.moment.isoformat()


def parse_begin(value: object) -> Bound:
    """The first moment of what is named. Raises ValueError, which says what can be."""
    return value if isinstance(value, Bound) else Bound(_text_of(value), _span(_text_of(value))[0])


def parse_end(value: object) -> Bound:
    """The last moment of what is named. Raises ValueError, which says what can be."""
    return value if isinstance(value, Bound) else Bound(_text_of(value), _span(_text_of(value))[1])


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return value.strip().replace(" ", "+")
    if isinstance(value, int) and not isinstance(value, bool):  # in JSON, a year may well be written as a number
        return str(value)
    raise ValueError(f"this is not text: {ACCEPTED}")


def _span(text: str) -> tuple[datetime, datetime]:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
        raise ValueError(f"{shown!r} is not a date or time: {ACCEPTED}")
    *parts, fraction, offset = found.groups()
    named = [int(part) for part in parts if part is not None]
    try:
        zone = _zone(offset)
        first = datetime(*_filled(named, (1, 1, 1, 0, 0, 0)), tzinfo=zone)
        last = datetime(*_filled(named, (1, 12, _days(named), 23, 59, 59)), 999_999, tzinfo=zone)
        if fraction is not None:  # the index knows milliseconds
            milliseconds = timedelta(milliseconds=int(fraction[:3].ljust(3, "0")))
            first, last = first + milliseconds, first + milliseconds + timedelta(microseconds=999)
        return first.astimezone(UTC), last.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text} is not in the calendar: {ACCEPTED}") from None


def _filled(named: list[int], others: tuple[int, ...]) -> tuple[int, int, int, int, int, int]:
    year, month, day, hour, minute, second = (*named, *others[len(named) :])
    return year, month, day, hour, minute, second


def _days(named: list[int]) -> int:
    """How many the month has that is named, December if none is."""
    return monthrange(named[0], named[1])[1] if len(named) > 1 else 31


def _zone(offset: str | None) -> timezone:
    if offset is None or offset in "Zz":
        return UTC
    digits = offset[1:].replace(":", "")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-length if offset[0] == "-" else length)


_SCHEMA = {"type": "string", "pattern": _PATTERN, "examples": ["2024-05-17", "2024-05", "2024", "2024-05-17T10:30:00Z"]}
_AS_WRITTEN = PlainSerializer(str, return_type=str)
#: A year, month, day or time. It begins where what is named begins …
Begin = Annotated[Bound, BeforeValidator(parse_begin), _AS_WRITTEN, WithJsonSchema(_SCHEMA)]
#: … and ends where it ends.
End = Annotated[Bound, BeforeValidator(parse_end), _AS_WRITTEN, WithJsonSchema(_SCHEMA)]
