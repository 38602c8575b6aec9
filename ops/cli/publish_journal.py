"""What ingest has acknowledged of files, kept in a file of its own, so that an interrupted `dateline publish` goes on where it was.

One line of JSON an acknowledgement, only ever appended: after `kill -9` at any moment the last line may be cut off, and what it
would have said is sent again, which changes nothing.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import orjson

from ops.cli.news_files import NewsFile
from shared.failures import Misconfigured

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file was acknowledged.

    Attributes:
        number: of the last entry whose fate is known, and that of all before it; 0 for none.
        refused: how many of them were refused.
        ended: whether there are no more.
    """

    number: int = 0
    refused: int = 0
    ended: bool = False


class Journal(Protocol):
    """Remembers progress, or does not."""

    def progress(self, file: NewsFile) -> Progress:
        """How far the file was acknowledged before."""

    def note(self, file: NewsFile, progress: Progress) -> None:
        """Remember that it is acknowledged so far."""


class NoJournal:
    """Remembers nothing."""

    def progress(self, file: NewsFile) -> Progress:  # noqa: ARG002 - as Journal has it
        """Always nothing."""
        return Progress()

    def note(self, file: NewsFile, progress: Progress) -> None:
        """Forget it."""


class FileJournal:
    """Remembers in a file. A news file that changed its size or time is another one; standard input is never remembered."""

    def __init__(self, path: Path, ingest_url: str) -> None:
        """Misconfigured when it is in use, of another ingest, or no journal."""
        self._path = path
        self._file = _open(path)
        self._known: dict[tuple[str, int, int], Progress] = {}
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise Misconfigured(f"another `dateline publish` writes the journal {path}") from None
        try:
            self._read(ingest_url)
        except Misconfigured:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def progress(self, file: NewsFile) -> Progress:
        """As Journal has it."""
        return self._known.get(_key(file), Progress())

    def note(self, file: NewsFile, progress: Progress) -> None:
        """As Journal has it. Written when this returns, so that it is there after the process was killed."""
        if file.is_standard_input:
            return
        path, size, changed_ns = _key(file)
        self._known[path, size, changed_ns] = progress
        line = {"file": path, "size": size, "changed_ns": changed_ns}
        self._append(line | {"number": progress.number, "refused": progress.refused, "ended": progress.ended})

    def _append(self, line: dict[str, Any]) -> None:
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()

    def _read(self, ingest_url: str) -> None:
        self._file.seek(0)
        content = self._file.read()
        whole, _, cut_off = content.rpartition(b"\n")
        lines = whole.splitlines()
        if not lines:
            if content and not b'{"dateline_journal":'.startswith(content[:20]):
                raise Misconfigured(f"{self._path} is no journal of `dateline publish`")
            self._file.truncate(0)
            self._append({"dateline_journal": _FORMAT, "ingest": ingest_url})
            return
        self._check(lines[0], ingest_url)
        for number, line in enumerate(lines[1:], start=2):
            try:
                row = orjson.loads(line)
                progress = Progress(row["number"], row["refused"], row["ended"])
                self._known[row["file"], row["size"], row["changed_ns"]] = progress
            except (orjson.JSONDecodeError, TypeError, KeyError):
                raise Misconfigured(f"the journal {self._path} is damaged in line {number}") from None
        if cut_off:
            self._file.truncate(len(whole) + 1)

    def _check(self, head: bytes, ingest_url: str) -> None:
        try:
            said = orjson.loads(head)
            made_by, ingest = said["dateline_journal"], said["ingest"]
        except (orjson.JSONDecodeError, TypeError, KeyError):
            raise Misconfigured(f"{self._path} is no journal of `dateline publish`") from None
        if made_by != _FORMAT:
            raise Misconfigured(f"the journal {self._path} was written by another version of Dateline")
        if ingest != ingest_url:
            raise Misconfigured(f"the journal {self._path} is about {ingest}, not {ingest_url}: take another one")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("a+b")
    except OSError as error:
        raise Misconfigured(f"the journal {path} cannot be written: {error.strerror}") from error


def _key(file: NewsFile) -> tuple[str, int, int]:
    return os.fspath(file.path.absolute()), file.size, file.changed_ns
