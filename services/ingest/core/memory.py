"""What is remembered of articles, so that the same one by two ways is one, and unchanged content makes no event.

The memory is bounded and may forget: what it forgot is published once more at a higher revision, which is harmless. It must never
know more than Kafka has: only what was acknowledged is learnt.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.ingest.core.fixed_table import FixedTable
from services.ingest.core.identity import Identities

_KNOWN = struct.Struct(">Q8s8sB")
_HAS_OWN_ID, _SENT, _ALIAS = 1, 2, 4
_ID_BYTES, _REVISION_BYTES = 16, 8
#: After the article's id, in the place of what is known: another identity of it.
_TO_ARTICLE = bytes(_KNOWN.size - _ID_BYTES - 1) + bytes((_ALIAS,))
_HEAD_BYTES = _ID_BYTES + _KNOWN.size + 1
NO_CONTENT = bytes(8)
NOBODY = bytes(8)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article.

    `content` is a hash of its newest revision, NO_CONTENT when it must be taken for changed. `owner` is a hash of the publisher
    whose token it came with, or NOBODY. `has_own_id`: its publisher gave an id of its own. `sent`: somebody sent it; others were
    found in feeds.
    """

    article_id: bytes
    revision: int
    content: bytes = NO_CONTENT
    owner: bytes = NOBODY
    has_own_id: bool = False
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to remember: an article, and the identities that lead to it."""

    known: Known
    identities: tuple[bytes, ...] = ()


#: What is known under an identity.
Look = Callable[[bytes], Known | None]


def recognise(identities: Identities, look: Look) -> Known | None:
    """The article that these identities name, or None for a new one.

    The publisher's own id decides. An address leads to an article of another id only if that one has no id of its own yet: two
    ids at one address, as on a page with a live blog, are two articles.
    """
    if identities.own is not None and (known := look(identities.own)) is not None:
        return known
    if identities.address is not None and (known := look(identities.address)) is not None:
        return None if identities.own is not None and known.has_own_id else known
    other = identities.entry or identities.headline
    return look(other) if other is not None else None


class Memory:
    """Articles and their identities, the newest of them. Not safe between threads."""

    def __init__(self, most_articles: int) -> None:
        """An empty memory.

        It holds `most_articles` at least, if each has one identity beside its id, and twice as many at most, in 280 bytes for each
        of `most_articles`.
        """
        self._most = most_articles
        # Two generations: when the young one is full it becomes the old one, and what stands in the old one is forgotten.
        self._young = self._generation()
        self._old = FixedTable(0, _ID_BYTES, _KNOWN.size)

    def _generation(self) -> FixedTable:
        return FixedTable(2 * self._most, _ID_BYTES, _KNOWN.size)

    def look(self, identity: bytes) -> Known | None:
        """What is known under an identity."""
        packed = self._get(identity)
        if packed is None:
            return None
        if packed[-1] & _ALIAS:
            identity = packed[:_ID_BYTES]
            packed = self._get(identity)
        return None if packed is None else _unpack_known(identity, packed)

    def learn(self, entry: Entry) -> None:
        """Remember; of one article the highest revision counts, in whatever order they come."""
        own_id, packed = entry.known.article_id, _pack_known(entry.known)
        before = self._get(own_id)
        if before is not None and before[:_REVISION_BYTES] > packed[:_REVISION_BYTES] and not before[-1] & _ALIAS:
            packed = before
        if not self._young.has_room(1 + len(entry.identities)):
            self._young, self._old = self._generation(), self._young
        self._young.put(own_id, packed)
        for identity in entry.identities:
            if identity != own_id:
                self._young.put(identity, own_id + _TO_ARTICLE)

    def _get(self, identity: bytes) -> bytes | None:
        packed = self._young.get(identity)
        return self._old.get(identity) if packed is None else packed


def _pack_known(known: Known) -> bytes:
    return _KNOWN.pack(known.revision, known.content, known.owner, _HAS_OWN_ID * known.has_own_id + _SENT * known.sent)


def _unpack_known(own_id: bytes, packed: bytes) -> Known:
    revision, content, owner, flags = _KNOWN.unpack(packed)
    return Known(own_id, revision, content, owner, bool(flags & _HAS_OWN_ID), bool(flags & _SENT))


def pack_entry(entry: Entry) -> bytes:
    """An entry as the topic `ingest.memory` has it; several may stand one after the other."""
    identities = [identity for identity in entry.identities if identity != entry.known.article_id]
    head = entry.known.article_id + _pack_known(entry.known) + bytes((len(identities),))
    return head + b"".join(identities)


def unpack_entries(packed: bytes) -> Iterator[Entry]:
    """The entries that `pack_entry` packed; ValueError for what it did not."""
    at = 0
    while at < len(packed):
        end = at + _HEAD_BYTES
        count = packed[end - 1] if end <= len(packed) else 0
        if end + count * _ID_BYTES > len(packed):
            raise ValueError(f"an entry ends {end + count * _ID_BYTES - len(packed)} bytes too early")
        known = _unpack_known(packed[at : at + _ID_BYTES], packed[at + _ID_BYTES : end - 1])
        at = end + count * _ID_BYTES
        yield Entry(known, tuple(packed[start : start + _ID_BYTES] for start in range(end, at, _ID_BYTES)))


class Draft:
    """What is judged together knows of each other, before any of it is acknowledged and learnt."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._by_identity: dict[bytes, Known] = {}
        #: What to learn as soon as all is acknowledged.
        self.entries: list[Entry] = []

    def look(self, identity: bytes) -> Known | None:
        """What is known under an identity, what was judged before it included."""
        return self._by_identity.get(identity) or self._look(identity)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what was just judged."""
        for entry in entries:
            self.entries.append(entry)
            for identity in (entry.known.article_id, *entry.identities):
                self._by_identity[identity] = entry.known
