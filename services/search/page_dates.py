"""How times are written on the reader pages: in English, in UTC."""

from datetime import UTC, datetime


def format_day(time: datetime) -> str:
    """`21 November 2024`, in UTC."""
    in_utc = time.astimezone(UTC)
    return f"{in_utc.day} {in_utc:%B %Y}"


def format_weekday(time: datetime) -> str:
    """`Thursday, 21 November 2024`, in UTC."""
    return f"{time.astimezone(UTC):%A}, {format_day(time)}"


def format_clock(time: datetime) -> str:
    """`18:20 UTC`."""
    return f"{time.astimezone(UTC):%H:%M} UTC"
