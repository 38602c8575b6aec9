"""What a request was answered, kept under its `Idempotency-Key` so that a repeat is answered the same and done once.

After draft-ietf-httpapi-idempotency-key-header-07: a key belongs to its sender and to one request; another request under the
same key is an error.
"""

import hashlib
import struct
from dataclasses import dataclass

_FORM = struct.Struct(">16s16sQH")
#: Answers that are larger are not kept: their requests publish articles, which come out unchanged when they are done again.
MOST_ANSWER_BYTES = 2_000
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given. `key` and `request` are hashes of 16 bytes, `at_ms` is Unix time in milliseconds."""

    key: bytes
    request: bytes
    at_ms: int
    status: int
    answer: bytes


def hash_key(key: str, token_hash: str) -> bytes:
    """The key as it is kept: within what one token sends."""
    return _digest(f"{token_hash}:{key}".encode())


def hash_request(method: str, target: str, kind: str, body: bytes) -> bytes:
    """What tells requests apart: method, path with query, media type, and body as it was unpacked."""
    return _digest(f"{method} {target} {kind}\n".encode() + body)


def pack_answered(answered: Answered) -> bytes:
    """As the topic `ingest.memory` has it."""
    return _FORM.pack(answered.key, answered.request, answered.at_ms, answered.status) + answered.answer


def unpack_answered(packed: bytes) -> Answered:
    """The reverse of `pack_answered`; ValueError for what it did not pack."""
    if len(packed) < _FORM.size:
        raise ValueError(f"{len(packed)} bytes are too few for an answer")
    key, request, at_ms, status = _FORM.unpack_from(packed)
    return Answered(key, request, at_ms, status, packed[_FORM.size :])


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
