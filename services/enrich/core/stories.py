"""Which articles tell the same story, as a function of the topic `stories.fingerprints`: whoever has read it says the same.

The topic holds two kinds of records. A claim says that an article has this text; the claims' order is the order of the world: an
article belongs to the story of the first that has nearly the same text, or begins its own. A verdict repeats the text with the
story that was found, so that it stays when compaction takes the claim away. Of an article the last record counts.

Before this: `story_records`. After it: `services.enrich.story_log`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enrich.core.fingerprint import Fingerprint
from services.enrich.core.likeness import Shelf

#: An article's id, or that of a story: of the article that began it.
StoryID = bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an article: its text at a revision, its story, and the place of the claim that decided it.

    `is_final` when a verdict has said so: what is not is decided alike by all who read the claim, but must be said yet.
    """

    story: StoryID
    place: int
    revision: int
    fingerprint: Fingerprint
    is_final: bool


@dataclass(slots=True)
class _Entry:
    """What stands in a place of the shelf, but for the fingerprint."""

    article: StoryID
    story: StoryID
    place: int
    revision: int
    is_final: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    revision: int
    fingerprint: Fingerprint
    place: int


class Stories:
    """The stories of the newest articles. Give it the records of the topic in their order. Not safe between threads.

    Until `finish_reading` it reads what was written before it was there: claims without a verdict wait, since compaction may have
    moved articles that stood before them; then they are decided as of their own places.
    """

    def __init__(self, most_articles: int) -> None:
        """Nothing is known yet; at 100,000 articles it takes 150 MB at the most."""
        self._shelf = Shelf(most_articles)
        self._entries: list[_Entry | None] = [None] * most_articles
        self._slots: dict[StoryID, int] = {}
        self._waiting: dict[StoryID, _Claim] | None = {}

    def look(self, article: StoryID) -> Told | None:
        """What is known of an article."""
        entry = self._entry(article)
        if entry is None:
            return None
        return Told(entry.story, entry.place, entry.revision, self._shelf.at(self._slots[article]), entry.is_final)

    def claim(self, article: StoryID, revision: int, fingerprint: Fingerprint, place: int) -> StoryID | None:
        """The claim at an offset of the topic; answers the story, or None while what was written before is being read."""
        claim = _Claim(revision, fingerprint, place)
        if self._waiting is None:
            entry = self._entry(article)
            if entry is not None and not entry.is_final and self._shelf.at(self._slots[article]).is_equal(fingerprint):
                return entry.story  # another worker claims the same: the first counts
            return self._decide(article, claim, self._alike(article, fingerprint))
        waiting = self._waiting.get(article)
        if waiting is None or not waiting.fingerprint.is_equal(fingerprint):
            self._waiting[article] = claim
        return None

    def settle(self, article: StoryID, revision: int, fingerprint: Fingerprint, story: StoryID, place: int) -> None:
        """A verdict; `place` is that of the claim which it ends."""
        if self._waiting is not None:
            self._waiting.pop(article, None)
        entry = self._entry(article)
        if entry is not None and self._shelf.at(self._slots[article]).is_equal(fingerprint):
            entry.story, entry.place, entry.revision, entry.is_final = story, place, revision, True
        else:
            self._keep(_Entry(article, story, place, revision, is_final=True), fingerprint)

    def finish_reading(self) -> None:
        """All that was written before has been read: from now on claims are decided at once."""
        waiting, self._waiting = self._waiting or {}, None
        for article, claim in sorted(waiting.items(), key=lambda item: item[1].place):
            alike = self._alike(article, claim.fingerprint)
            self._decide(article, claim, [entry for entry in alike if entry.place < claim.place])

    def __len__(self) -> int:
        return len(self._slots)

    def _alike(self, article: StoryID, fingerprint: Fingerprint) -> list[_Entry]:
        """The other articles that have nearly the same text."""
        found = [entry for slot in self._shelf.find(fingerprint) if (entry := self._entries[slot]) is not None]
        return [entry for entry in found if entry.article != article and self._is_known(entry)]

    def _decide(self, article: StoryID, claim: _Claim, alike: Sequence[_Entry]) -> StoryID:
        """The story of the first of those that are alike; of nobody's when there is none."""
        story = min(alike, key=lambda entry: entry.place).story if alike else article
        self._keep(_Entry(article, story, claim.place, claim.revision, is_final=False), claim.fingerprint)
        return story

    def _entry(self, article: StoryID) -> _Entry | None:
        slot = self._slots.get(article)
        return None if slot is None else self._entries[slot]

    def _is_known(self, entry: _Entry) -> bool:
        """Whether an entry is the last one of its article."""
        return self._entry(entry.article) is entry

    def _keep(self, entry: _Entry, fingerprint: Fingerprint) -> None:
        oldest = self._entries[self._shelf.next_place]
        if oldest is not None and self._is_known(oldest):
            del self._slots[oldest.article]
        slot = self._shelf.add(fingerprint)
        self._entries[slot] = entry
        self._slots[entry.article] = slot
