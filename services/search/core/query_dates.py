"""Dates as they are written in queries: a day, a month, a year, or from one to another."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_COMPARED = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)


class InvalidDates(ValueError):
    """Not what a date can be asked by."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Days from the first to the last one, both of them included, in UTC; None where there is no end to them."""

    first: date | None
    last: date | None

    def __str__(self) -> str:
        """As it is written in a query."""
        return f"{self.first or ''}..{self.last or ''}"


def parse_dates(text: str) -> Dates:
    """`2024-11-21`, `2024-11`, `2024`, `>=2024-11-01` (also `>`, `<`, `<=`), `2024-11-01..2024-11-30`. Raises InvalidDates."""
    if compared := _COMPARED.fullmatch(text):
        return _compared(*compared.groups())
    start, dots, end = text.partition("..")
    if not dots:
        return Dates(*_period(text))
    if not start and not end:
        raise InvalidDates("a range of dates has a first day, a last one, or both")
    dates = Dates(_period(start)[0] if start else None, _period(end)[1] if end else None)
    if dates.first and dates.last and dates.last < dates.first:
        raise InvalidDates(f"this range of dates ends before it begins: from {dates.first} to {dates.last}")
    return dates


def _compared(sign: str, text: str) -> Dates:
    first, last = _period(text)
    try:
        match sign:
            case ">=":
                return Dates(first, None)
            case ">":
                return Dates(last + timedelta(days=1), None)
            case "<=":
                return Dates(None, last)
            case _:
                return Dates(None, first - timedelta(days=1))
    except OverflowError:
        raise InvalidDates("there are no days before the year 1 or after the year 9999") from None


def _period(text: str) -> tuple[date, date]:
    """Its first and its last day."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise InvalidDates(f"{text[:40]!r} is not a date: write 2024-11-21, 2024-11, 2024, >=2024-11-01 or 2024-11-01..2024-11-30")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None  # noqa: S101 - the pattern asks for it
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        raise InvalidDates(f"{text} is not in the calendar") from None
