"""What was promised: an fsynced file with everything that was answered 2xx, or of which nobody knows whether it was taken.

It shares nothing with Dateline: what it says is what the sender saw.
"""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NotRequired, Self, TypedDict, cast

#: `unknown`: the request was given up without an answer, so it may have been taken.
Answered = Literal["accepted", "unknown"]


class Entry(TypedDict):
    """One promise. Which keys there are depends on `kind`: article, retraction, comment, view, poison."""

    answered: Answered
    kind: str
    article: NotRequired[str]
    revision: NotRequired[int]
    headline: NotRequired[str]
    body: NotRequired[str]
    comment: NotRequired[str]
    minute: NotRequired[int]
    visitor: NotRequired[str]
    topic: NotRequired[str]
    value: NotRequired[str]


class Ledger:
    """Appends from any thread; an entry is on the disk when `add` returns."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._stream = file.open("a", encoding="utf-8")

    def add(self, *entries: Entry) -> None:
        """Append, and fsync."""
        lines = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
        with self._lock:
            self._stream.write(lines)
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def read(self) -> Iterator[Entry]:
        """Every entry in the order in which it was added."""
        with self._file.open(encoding="utf-8") as lines:
            for line in lines:
                yield cast("Entry", json.loads(line))

    def close(self) -> None:
        """No more is added."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
