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
from services.enrich.core.story_table import Entry, StoryID, StoryTable


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
        """Nothing is known yet; at 100,000 articles it takes 80 MB, and less before so many are known."""
        self._shelf = Shelf(most_articles)
        self._table = StoryTable(most_articles)
        self._waiting: dict[StoryID, _Claim] | None = {}

    def look(self, article: StoryID) -> Told | None:
        """What is known of an article."""
        slot = self._table.find(article)
        if slot is None:
            return None
        entry = self._table.at(slot)
        return Told(entry.story, entry.place, entry.revision, self._shelf.at(slot), entry.is_final)

    def claim(self, article: StoryID, revision: int, fingerprint: Fingerprint, place: int) -> StoryID | None:
        """The claim at an offset of the topic; answers the story, or None while what was written before is being read."""
        claim = _Claim(revision, fingerprint, place)
        if self._waiting is None:
            told = self.look(article)
            if told is not None and not told.is_final and told.fingerprint.is_equal(fingerprint):
                return told.story  # another worker claims the same: the first counts
            return self._decide(article, claim, self._alike(article, fingerprint))
        waiting = self._waiting.get(article)
        if waiting is None or not waiting.fingerprint.is_equal(fingerprint):
            self._waiting[article] = claim
        return None

    def settle(self, article: StoryID, revision: int, fingerprint: Fingerprint, story: StoryID, place: int) -> None:
        """A verdict; `place` is that of the claim which it ends."""
        if self._waiting is not None:
            self._waiting.pop(article, None)
        entry = Entry(article, story, place, revision, is_final=True)
        slot = self._table.find(article)
        if slot is not None and self._shelf.at(slot).is_equal(fingerprint):
            self._table.change(slot, entry)
        else:
            self._keep(entry, fingerprint)

    def finish_reading(self) -> None:
        """All that was written before has been read: from now on claims are decided at once."""
        waiting, self._waiting = self._waiting or {}, None
        for article, claim in sorted(waiting.items(), key=lambda item: item[1].place):
            alike = self._alike(article, claim.fingerprint)
            self._decide(article, claim, [entry for entry in alike if entry.place < claim.place])

    def find_told(self, fingerprint: Fingerprint) -> list[Entry]:
        """The articles that have nearly this text, the first to tell it first: a new one would be of the first one's story."""
        return sorted(self._alike(b"", fingerprint), key=lambda entry: entry.place)

    def __len__(self) -> int:
        return len(self._table)

    def _alike(self, article: StoryID, fingerprint: Fingerprint) -> list[Entry]:
        """The other articles that have nearly the same text, by the last that is known of each."""
        found = [(slot, self._table.at(slot)) for slot in self._shelf.find(fingerprint)]
        return [entry for slot, entry in found if entry.article != article and self._table.find(entry.article) == slot]

    def _decide(self, article: StoryID, claim: _Claim, alike: Sequence[Entry]) -> StoryID:
        """The story of the first of those that are alike; of nobody's when there is none."""
        story = min(alike, key=lambda entry: entry.place).story if alike else article
        self._keep(Entry(article, story, claim.place, claim.revision, is_final=False), claim.fingerprint)
        return story

    def _keep(self, entry: Entry, fingerprint: Fingerprint) -> None:
        self._table.put(self._shelf.add(fingerprint), entry)
