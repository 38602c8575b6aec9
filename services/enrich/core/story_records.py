"""A record of the topic `stories.fingerprints`: an article's fingerprint, and its story where that is decided."""

import struct
from dataclasses import dataclass

import numpy as np

from services.enrich.core.fingerprint import SIGNATURE_BYTES, Fingerprint
from services.enrich.core.story_table import StoryID

#: Changes whenever fingerprints of the same text would: those of another form cannot be compared.
FORM = 1
_VALUE = struct.Struct(f">B16sQQIIQ{SIGNATURE_BYTES}s")
_NO_STORY = bytes(16)


@dataclass(frozen=True, slots=True)
class StoryRecord:
    """A claim, or a verdict, which has a story and the place of the claim that it ends. Ids are 16 bytes."""

    article: StoryID
    revision: int
    fingerprint: Fingerprint
    story: StoryID | None = None
    place: int = 0


def pack_key(article: StoryID) -> bytes:
    """The key: the article's id as everywhere, in hex digits."""
    return article.hex().encode()


def pack_value(record: StoryRecord) -> bytes:
    """The value, of some 300 bytes."""
    mark = record.fingerprint
    story = record.story or _NO_STORY
    numbers = (record.revision, record.place, mark.words, mark.features, mark.headline)
    return _VALUE.pack(FORM, story, *numbers, mark.signature.tobytes())


def unpack(key: bytes | None, value: bytes | None) -> StoryRecord:
    """The record that was packed; ValueError for any other, and for one of another form."""
    if value is None or len(value) != _VALUE.size or value[0] != FORM:
        raise ValueError(f"it is no record of form {FORM}, which has {_VALUE.size} bytes")
    article = bytes.fromhex((key or b"").decode("ascii", "replace"))
    if len(article) != len(_NO_STORY):
        raise ValueError("its key is no article id")
    _, story, revision, place, words, features, headline, signature = _VALUE.unpack(value)
    mark = Fingerprint(words, features, headline, np.frombuffer(signature, np.uint8))
    return StoryRecord(article, revision, mark, None if story == _NO_STORY else story, place)
