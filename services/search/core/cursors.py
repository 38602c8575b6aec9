"""Opaque page cursors: where a page of hits ended, made and read here and nowhere else.

A cursor belongs to one search: it carries the fingerprint of what was asked, and is refused elsewhere. It is not secret and not
signed: all it can say is a place in an order, which is checked before it reaches Elasticsearch.
"""

import base64
from collections.abc import Sequence
from typing import Any, TypeAlias

import orjson

_VERSION = 1
_INT64 = 2**63
_LARGEST_FLOAT = 3.4e38  # scores are 32-bit floats
_LONGEST_ID = 512

#: Values to sort by of the last hit, best first: (score, date in ms, id) or (date in ms, id).
Place: TypeAlias = tuple[float | int | str, ...]


class InvalidCursor(ValueError):
    """Not a cursor, or one of another search."""


def pack(values: Sequence[object]) -> str:
    """JSON values as text that stands in an address as it is."""
    return encode(orjson.dumps(values))


def encode(content: bytes) -> str:
    """Bytes in base64url without padding (RFC 4648)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unpack(text: str) -> list[Any]:
    """The values that were packed. Raises ValueError."""
    values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    if not isinstance(values, list):
        raise ValueError("no list of values")  # noqa: TRY004 - what is wrong is the text
    return values


def build_cursor(fingerprint: str, place: Place) -> str:
    """The cursor for what comes after `place` in the search with that fingerprint."""
    return pack([_VERSION, fingerprint, place])


def parse_cursor(text: str, fingerprint: str, kinds: tuple[type, ...]) -> Place:
    """The place that a cursor holds, whose values must be of these kinds (float, int or str).

    Raises InvalidCursor.
    """
    try:
        version, found, place = unpack(text)
    except ValueError as error:
        raise InvalidCursor("this is no cursor: take it as it stands in `cursor` of the answer before") from error
    if version != _VERSION or found != fingerprint:
        raise InvalidCursor("the cursor is from another search: ask with the same parameters as before, or without cursor")
    if not isinstance(place, list) or len(place) != len(kinds) or not all(map(_is_of_kind, place, kinds)):
        raise InvalidCursor("the cursor was changed: take it as it stands in `cursor` of the answer before")
    return tuple(place)


def _is_of_kind(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    if kind is str:
        return isinstance(value, str) and 0 < len(value.encode()) <= _LONGEST_ID
    if kind is int:
        return isinstance(value, int) and -_INT64 <= value < _INT64
    return isinstance(value, int | float) and 0 <= value <= _LARGEST_FLOAT
