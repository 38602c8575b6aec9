"""Says of articles which story they tell, by the topic `stories.fingerprints`, where all processes of enrich say what they see.

A batch's claims are written, read again behind all that came before them, decided (`core.stories`), and the verdicts written.
What is acknowledged of this survives a crash, and what is not is done again with the batch: nothing is kept anywhere else.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from services.enrich.core.fingerprint import Fingerprint, build_fingerprint
from services.enrich.core.likeness import is_same_text
from services.enrich.core.stories import Stories, Told
from services.enrich.core.story_records import StoryRecord, pack_key, pack_value, unpack
from services.enrich.core.story_table import Entry, StoryID
from shared.articles import ArticlePublished
from shared.events import Record
from shared.failpoints import FailPoint, fail_here
from shared.failures import Unavailable
from shared.health import Health
from shared.logs import get_logger
from shared.outcomes import NewRecord
from shared.settings import KafkaSettings
from shared.tailing import Tail
from shared.topics import FINGERPRINTS

_log = get_logger(__name__)
#: How long a batch waits for its own claims; then it is tried again.
_WAIT_SECONDS = 10.0
_CLAIM = "dateline_claim"

#: Sends records and returns when all are acknowledged, or raises Unavailable.
Send = Callable[[Sequence[NewRecord]], None]


@dataclass(frozen=True, slots=True)
class _Text:
    """An article of a batch; without a fingerprint when it has next to no words."""

    article: StoryID
    revision: int
    fingerprint: Fingerprint | None


class StoryLog:
    """The stories of all articles. `learn` is called by the thread that reads the topic, the rest by the one that enriches."""

    def __init__(self, most_articles: int, send: Send, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._send = send
        self._wait_seconds = wait_seconds
        self._stories = Stories(most_articles)
        self._changed = threading.Condition()
        self._claims: dict[bytes, StoryRecord | None] = {}  # ours that are under way, and what became of them

    def learn(self, records: Sequence[Record]) -> None:
        """Take in the next records of the topic."""
        with self._changed:
            for record in records:
                try:
                    self._learn(record)
                except ValueError as error:
                    _log.warning("a record of the stories is left out", record=record.place, reason=str(error))
            self._changed.notify_all()

    def _learn(self, record: Record) -> None:
        told = unpack(record.key, record.value)
        if told.story is not None:
            self._stories.settle(told.article, told.revision, told.fingerprint, told.story, told.place)
            return
        story = self._stories.claim(told.article, told.revision, told.fingerprint, record.offset)
        name = dict(record.headers).get(_CLAIM, b"")
        if name in self._claims and story is not None:
            self._claims[name] = replace(told, story=story, place=record.offset)

    def finish_reading(self) -> None:
        """All that stood in the topic has been learnt."""
        with self._changed:
            self._stories.finish_reading()

    def find_told(self, fingerprint: Fingerprint) -> list[Entry]:
        """What `Stories.find_told` says."""
        with self._changed:
            return self._stories.find_told(fingerprint)

    def tell(self, articles: Sequence[ArticlePublished]) -> list[str]:
        """The story of each article: its own id when it is the first to tell it.

        Raises Unavailable when Kafka does not take the claims, or does not give them back in time.
        """
        texts = [_Text(bytes.fromhex(a.article_id), a.revision, build_fingerprint(a.headline, a.body)) for a in articles]
        newest = {text.article: text for text in sorted(texts, key=lambda text: text.revision)}
        verdicts: list[StoryRecord] = []
        claims: list[StoryRecord] = []
        stories: dict[StoryID, StoryID] = {}
        for text in newest.values():
            if text.fingerprint is None:
                stories[text.article] = text.article
                continue
            with self._changed:
                told = self._stories.look(text.article)
            if told is None or (text.revision >= told.revision and not is_same_text(text.fingerprint, told.fingerprint)):
                claims.append(StoryRecord(text.article, text.revision, text.fingerprint))
                continue
            stories[text.article] = told.story
            verdicts += _verdict_on_known(text.revision, text.fingerprint, told, text.article)
        verdicts += self._decide(claims)
        stories |= {verdict.article: verdict.story for verdict in verdicts if verdict.story is not None}
        self._send([NewRecord(FINGERPRINTS, pack_key(verdict.article), pack_value(verdict)) for verdict in verdicts])
        return [stories[text.article].hex() for text in texts]

    def _decide(self, claims: Sequence[StoryRecord]) -> list[StoryRecord]:
        """Write claims, and wait until they are decided; the verdicts."""
        named = {secrets.token_bytes(12): claim for claim in claims}
        with self._changed:
            self._claims = dict.fromkeys(named)
        self._send([
            NewRecord(FINGERPRINTS, pack_key(claim.article), pack_value(claim), ((_CLAIM, name),)) for name, claim in named.items()
        ])  # fmt: skip
        fail_here(FailPoint.CLAIMED)
        with self._changed:
            is_decided = self._changed.wait_for(lambda: all(self._claims.values()), self._wait_seconds)
            decided, self._claims = self._claims, {}
        if not is_decided:
            raise Unavailable(f"{FINGERPRINTS} did not give back within {self._wait_seconds:g} s what was written to it")
        return [verdict for verdict in decided.values() if verdict is not None]


def _verdict_on_known(revision: int, fingerprint: Fingerprint, told: Told, article: StoryID) -> list[StoryRecord]:
    """What must be written of an article whose story is known: nothing, when that is written and its text has not changed."""
    if told.revision > revision:
        revision, fingerprint = told.revision, told.fingerprint
    if told.is_final and told.fingerprint.is_equal(fingerprint):
        return []
    return [StoryRecord(article, revision, fingerprint, told.story, told.place)]


@contextmanager
def running_story_log(
    settings: KafkaSettings, most_articles: int, send: Send, health: Health, stop: threading.Event
) -> Iterator[StoryLog]:
    """Reads the topic to its end, and on in a thread while the body runs. What the thread ends with stops the service.

    It is raised here then.
    """
    log = StoryLog(most_articles, send)
    tail = Tail(settings, FINGERPRINTS, log.learn)
    health.checks["stories"] = lambda: None if tail.caught_up.is_set() else f"{FINGERPRINTS} is being read"
    failures: list[BaseException] = []

    def read() -> None:
        try:
            tail.run(stop)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that runs the service
            failures.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=read, name="stories")
    thread.start()
    try:
        while not (tail.caught_up.wait(0.1) or stop.is_set()):
            pass
        log.finish_reading()
        yield log
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]
