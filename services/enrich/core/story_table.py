"""What is kept of each article besides its fingerprint: 53 bytes in a row of one array, found by the article's id.

Before this: `story_records`. After it: `stories`.
"""

from typing import NamedTuple

import numpy as np

#: An article's id, or that of a story: of the article that began it. 16 bytes.
StoryID = bytes

_NOTHING = -1
_ROW = np.dtype([
    ("article", "V16"), ("story", "V16"), ("place", np.int64), ("revision", np.uint64), ("is_final", np.bool_), ("older", np.int32)
])  # fmt: skip


class Entry(NamedTuple):
    """An article with its story at a revision, and the place of the claim that decided it; `is_final` once a verdict said so."""

    article: StoryID
    story: StoryID
    place: int
    revision: int
    is_final: bool


class StoryTable:
    """Entries in numbered slots. Of an article the entry that was put in last counts. Not safe between threads."""

    def __init__(self, slots: int) -> None:
        self._rows = np.zeros(slots, _ROW)
        # By the ids' hashes the slot that was filled last; from each slot `older` leads to the one filled before it.
        self._newest = np.full(slots, _NOTHING, np.int32)
        self._filled = 0
        self._articles = 0

    def __len__(self) -> int:
        """How many articles are known."""
        return self._articles

    def find(self, article: StoryID) -> int | None:
        """The slot of an article."""
        slot = int(self._newest[self._bucket(article)])
        while slot != _NOTHING and self._article(slot) != article:
            slot = int(self._rows["older"][slot])
        return None if slot == _NOTHING else slot

    def at(self, slot: int) -> Entry:
        """What stands in a slot."""
        article, story, place, revision, is_final, _ = self._rows[slot].item()
        return Entry(article, story, place, revision, is_final)

    def change(self, slot: int, entry: Entry) -> None:
        """Put an entry in place of an older one of the same article."""
        self._rows[slot] = (*entry, self._rows["older"][slot])

    def put(self, slot: int, entry: Entry) -> None:
        """Put an entry in place of the oldest one; slots are given in turn, beginning with the first."""
        if self._filled == len(self._rows):
            self._forget(slot)
        else:
            self._filled += 1
        self._articles += self.find(entry.article) is None
        bucket = self._bucket(entry.article)
        self._rows[slot] = (*entry, self._newest[bucket])
        self._newest[bucket] = slot

    def _forget(self, slot: int) -> None:
        """Take out the oldest slot, behind which there is none."""
        article = self._article(slot)
        bucket = self._bucket(article)
        self._articles -= self.find(article) == slot
        if self._newest[bucket] == slot:
            self._newest[bucket] = _NOTHING
            return
        newer = int(self._newest[bucket])
        older = self._rows["older"]
        while older[newer] != slot:
            newer = int(older[newer])
        older[newer] = _NOTHING

    def _article(self, slot: int) -> StoryID:
        return bytes(self._rows["article"][slot])

    def _bucket(self, article: StoryID) -> int:
        return hash(article) % len(self._newest)
