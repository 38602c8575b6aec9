"""`dateline publish`: files of news through the HTTP door of ingest, as streams, in their order, and resumable.

Files are read one after the other (`file_entries`), sent (`delivery`), and what is acknowledged is noted in the order of the files
(`publish_journal`), whatever the order of the answers: the journal never claims an entry before the one in front of it is answered.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ops.cli.delivery import Delivery
from ops.cli.file_entries import Entry, Skipped, read_entries
from ops.cli.news_files import NewsFile
from ops.cli.outcomes import Outcome, Summary
from ops.cli.publish_journal import Journal, NoJournal, Progress
from ops.cli.unpacking import CountedFile, Unreadable, open_news_file
from services.ingest.feed_parser import FeedParser

#: A batch of articles stays well below what one request may hold.
_BATCH_BYTES = 4_000_000
_BATCH_ENTRIES = 1_000
#: What may be read ahead of the answers.
_AHEAD_BYTES = 16_000_000
_AHEAD_WORKS = 64


@dataclass(frozen=True)
class Watch:
    """Who is told while it goes on: of every outcome, and of how many bytes of a file were read."""

    outcome: Callable[[NewsFile, Outcome], None] = lambda _file, _outcome: None
    read: Callable[[NewsFile, int], None] = lambda _file, _count: None


@dataclass
class _Reading:
    """A file that is being published, and how far it is answered."""

    file: NewsFile
    progress: Progress


@dataclass
class _Work:
    """What is sent together, or need not be sent; `ended` when nothing of its file comes after it."""

    reading: _Reading
    size: int = 0
    sent: "Future[list[Outcome]] | None" = None
    known: list[Outcome] = field(default_factory=list)
    ended: bool = False

    def is_done(self) -> bool:
        return self.sent is None or self.sent.done()


class Publisher:
    """Publishes files one after the other; all is answered and noted when its `with` statement has ended without an error."""

    def __init__(self, delivery: Delivery, summary: Summary, journal: Journal | None = None, watch: Watch | None = None) -> None:
        self._delivery = delivery
        self._summary = summary
        self._journal = journal or NoJournal()
        self._watch = watch or Watch()
        self._feeds = FeedParser()
        self._ahead: deque[_Work] = deque()
        self._ahead_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            while error is None and self._ahead:
                self._settle()
        finally:
            self._feeds.__exit__(kind, error, trace)

    def publish(self, file: NewsFile, url: str | None = None) -> None:
        """Publish what is in a file, from where the journal says. Unavailable and Misconfigured end it; the journal is intact.

        Args:
            file: what to read.
            url: where it was found, if it is one page.
        """
        before = self._journal.progress(file)
        if before != Progress():
            self._summary.earlier_files += 1
            self._summary.earlier_refused += before.refused
        if before.ended:
            self._watch.read(file, file.size)
            return
        reading = _Reading(file, before)
        try:
            with open_news_file(file) as (stream, counted):
                self._publish_entries(reading, read_entries(file, stream, url, self._feeds), counted)
        except Unreadable as error:
            self._put(_Work(reading, known=[Outcome(0, "", reason=str(error))]))
        else:
            self._put(_Work(reading, ended=True))

    def _publish_entries(self, reading: _Reading, entries: Iterable[Entry | Skipped], counted: CountedFile) -> None:
        done = reading.progress.number
        batch = _Batch()
        count = 0
        try:
            for entry in entries:
                if counted.count != count:
                    count = counted.count
                    self._watch.read(reading.file, count)
                if entry.number <= done:
                    continue
                if isinstance(entry, Entry) and entry.media_type is None:
                    if not batch.has_room(entry):
                        self._send(reading, batch.take())
                    batch.add(entry)
                    continue
                self._send(reading, batch.take())
                if isinstance(entry, Skipped):
                    self._put(_Work(reading, known=[Outcome(entry.number, entry.place, reason=entry.reason)]))
                else:
                    self._send(reading, [entry])
        except Unreadable:
            self._send(reading, batch.take())
            raise
        self._send(reading, batch.take())

    def _send(self, reading: _Reading, entries: list[Entry]) -> None:
        if entries:
            self._put(_Work(reading, sum(len(entry.content) for entry in entries), self._delivery.send(entries)))

    def _put(self, work: _Work) -> None:
        self._ahead.append(work)
        self._ahead_bytes += work.size
        while self._ahead and (self._ahead[0].is_done() or self._ahead_bytes > _AHEAD_BYTES or len(self._ahead) > _AHEAD_WORKS):
            self._settle()

    def _settle(self) -> None:
        """Take the oldest work, wait for its answer, and note it."""
        work = self._ahead.popleft()
        self._ahead_bytes -= work.size
        outcomes = work.sent.result() if work.sent else work.known
        file, before = work.reading.file, work.reading.progress
        for outcome in outcomes:
            self._summary.add(str(file.path), outcome)
            self._watch.outcome(file, outcome)
        number = max((outcome.number for outcome in outcomes), default=0)
        refused = sum(outcome.reason is not None and outcome.number > 0 for outcome in outcomes)
        now = Progress(max(number, before.number), before.refused + refused, work.ended)
        work.reading.progress = now
        if work.sent or work.ended:  # what was skipped is noted with what comes after it
            self._journal.note(file, now)


class _Batch:
    """Articles that are sent together."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._size = 0

    def has_room(self, entry: Entry) -> bool:
        """Whether the entry fits; the first one always does."""
        return not self._entries or (self._size + len(entry.content) < _BATCH_BYTES and len(self._entries) < _BATCH_ENTRIES)

    def add(self, entry: Entry) -> None:
        """Put one in."""
        self._entries.append(entry)
        self._size += len(entry.content) + 1

    def take(self) -> list[Entry]:
        """All that is in it; it is empty afterwards."""
        entries, self._entries, self._size = self._entries, [], 0
        return entries
