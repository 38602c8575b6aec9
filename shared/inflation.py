"""Inflating what a foreign server sent, within limits (failure-modes F34)."""

import zlib
from dataclasses import dataclass

#: RFC 1952: a gzip file is a series of members; honest ones have one.
MOST_MEMBERS = 4
#: Text is packed ten times at most by gzip, markup perhaps fifty times.
MOST_RATIO = 100
#: Below this size a high ratio does no harm.
_HARMLESS_BYTES = 1_000_000
_GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class NotInflated:
    """Why something was not inflated."""

    reason: str


def inflate_gzip(packed: bytes, most_bytes: int) -> bytes | NotInflated:
    """What gzip packed, if it is at most `most_bytes`, at most MOST_RATIO times as large, and whole."""
    size = len(packed)
    limit = min(most_bytes, max(_HARMLESS_BYTES, MOST_RATIO * len(packed)))
    output = bytearray()
    for _ in range(MOST_MEMBERS):
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        try:
            output += inflater.decompress(packed, limit + 1 - len(output))
        except zlib.error as error:
            return NotInflated(f"it is not gzip as it says ({error})")
        if len(output) > limit:
            return NotInflated(f"it inflates to more than {limit} bytes, the limit for its {size} packed ones")
        if not inflater.eof:
            return NotInflated("its gzip data end too early")
        packed = inflater.unused_data
        if not packed.strip(b"\0"):
            return bytes(output)
    return NotInflated(f"it has more than {MOST_MEMBERS} gzip members")
