"""Times as feeds write them: RFC 822 with its obsolete and some invented zones, W3C times, and months in other languages.

Nothing is guessed: 01/02/2026 and a month without a day are no dates. What has no zone, or an unknown one, is taken for UTC, as
RFC 5322 (4.3) asks for the zones of one letter.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

#: Feeds are younger than the web: what is dated before has the zero of some clock (1601, 1900, 1970, 1980) for a date.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 100
_CLOCK = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\.?)?"
_ZONE = r"\s*\(?(?:(?P<name>[A-Za-z]{1,5})(?![A-Za-z]))?\s*(?:(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?.*"
_TIME = rf"(?:(?:\s*T|[\s,-]+(?:at\s+)?){_CLOCK}{_ZONE})?"
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4}|\d{2})", r"(?P<month>[^\W\d_]{3,12})", r"(?P<day>\d{1,2})"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE | re.DOTALL)
    for shape in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}$",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<half>)" + _ZONE + "$",
        rf"(?:[^\W\d_]+\.?,?\s*)?{_DAY}\.?[\s-]+(?:de\s+)?{_MONTH}\.?,?[\s-]+(?:de\s+)?{_YEAR}{_TIME}$",
        rf"(?:[^\W\d_]+\.?,?\s+)?{_MONTH}\.?\s+{_DAY},?\s+(?P<year>\d{{4}}){_TIME}$",
        rf"[^\W\d_]+\s+{_MONTH}\s+{_DAY}\s+{_CLOCK}(?:\s+(?P<name>[A-Z]{{1,5}})(?P<sign>)(?P<hours>)(?P<minutes>))?\s+(?P<year>\d{{4}})$",
        rf"(?P<year>\d{{4}})[年년]\s*(?P<month>\d{{1,2}})[月월]\s*(?P<day>\d{{1,2}})[日일]{_TIME}$",
    )
)
_MONTHS = {
    month: number
    for number, months in enumerate(
        [
            "jan янв janv ene gen",
            "feb фев févr fev",
            "mar мар mär mars mrz maa",
            "apr апр avr abr",
            "may мая май mai mag maj mei",
            "jun июн juin giu",
            "jul июл juil lug",
            "aug авг août ago aou",
            "sep сен set",
            "oct окт okt ott out",
            "nov ноя",
            "dec дек déc dez dic",
        ],
        start=1,
    )
    for month in months.split()
}
_ZONE_HOURS: dict[str, float] = {
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "AST": -4,
    "ADT": -3,
    "NST": -3.5,
    "AKST": -9,
    "AKDT": -8,
    "HST": -10,
    "BRT": -3,
    "ART": -3,
    "CLT": -4,
    "COT": -5,
    "PET": -5,
    "BST": 1,
    "WEST": 1,
    "CET": 1,
    "MET": 1,
    "CEST": 2,
    "MEST": 2,
    "MESZ": 2,
    "MEZ": 1,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "SAST": 2,
    "PKT": 5,
    "WIB": 7,
    "ICT": 7,
    "SGT": 8,
    "HKT": 8,
    "AWST": 8,
    "PHT": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}


def parse_feed_time(value: object) -> datetime | None:
    """The time that a field of a feed states, in UTC; None for none, one before EARLIEST, or one that says two things.

    Whether it lies in the future is judged where `now` is known.
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = " ".join(value.split())
    for shape in _SHAPES:
        if found := shape.match(text):
            time = _time(found.groupdict())
            return time if time is not None and time >= EARLIEST else None
    return None


def _time(parts: dict[str, str | None]) -> datetime | None:
    try:
        zone = _zone(parts)
        month = parts["month"] or ""
        year = int(parts["year"] or 0)
        time = datetime(
            year if len(parts["year"] or "") == 4 else 2000 + year if year < 70 else 1900 + year,
            int(month) if month.isdigit() else _month(month),
            int(parts["day"] or 0),
            _hour(parts),
            int(parts["minute"] or 0),
            min(59, int(parts["second"] or 0)),  # a leap second is a second late
            tzinfo=zone,
        )
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").lower()
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _month(name: str) -> int:
    """The number of a month by its name; 0, which is none, for another word."""
    word = name.lower()
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3]) or 0


def _zone(parts: dict[str, str | None]) -> timezone:
    if parts["sign"]:
        hours, minutes = int(parts["hours"] or 0), int(parts["minutes"] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError("no place on earth has this offset")
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(ahead if parts["sign"] == "+" else -ahead)
    return timezone(timedelta(hours=_ZONE_HOURS.get((parts["name"] or "").upper(), 0)))
