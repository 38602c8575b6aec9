"""Cursors to pages of a search, signed (HMAC-SHA256): one that was not made here, or was changed since, is refused at once.

They hold more than `cursors` do, and are good for as long as somebody turns pages. A cursor belongs to one search: it carries the
fingerprint of what was asked, and is refused elsewhere. It is not secret.
"""

import hashlib
import hmac

from services.search.core.cursors import InvalidCursor, encode, pack, unpack

#: Grows whenever what cursors hold gets another shape: older ones are then refused.
_VERSION = 2
_SIGNATURE_BYTES = 16


def build_signed_cursor(key: bytes, fingerprint: str, *values: object) -> str:
    """A cursor that holds these values, JSON all of them, for the search with that fingerprint."""
    held = pack([_VERSION, fingerprint, *values])
    return f"{held}.{_sign(key, held)}"


def parse_signed_cursor(key: bytes, fingerprint: str, text: str) -> list[object]:
    """The values that a cursor holds. Raises InvalidCursor."""
    held, _, signature = text.partition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _sign(key, held).encode()):
        raise InvalidCursor("this is no cursor of ours: take it as it stands in `cursor` of the answer before, or leave it out")
    try:
        version, found, *values = unpack(held)
    except ValueError as error:  # what else is signed with this key
        raise InvalidCursor("this is no cursor") from error
    if version != _VERSION:
        raise InvalidCursor("this cursor is of another version of Dateline: ask again without it")
    if found != fingerprint:
        raise InvalidCursor("the cursor is from another search: ask with the same parameters as before, or without cursor")
    held_values: list[object] = values
    return held_values


def _sign(key: bytes, held: str) -> str:
    return encode(hmac.digest(key, held.encode(errors="replace"), hashlib.sha256)[:_SIGNATURE_BYTES])
