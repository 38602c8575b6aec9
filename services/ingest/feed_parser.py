"""Parses feeds in a child process that may be killed: a hostile document costs its own time and memory, nobody else's.

Run as a module it is the child: documents come in on standard input, answers go out on standard output, each after its length.
(Failure-modes F33: with expat before 2.6.0 one attribute of 8 MB holds the interpreter for seconds.)
"""

import resource
import select
import struct
import subprocess
import sys
import time
from types import TracebackType
from typing import IO, Self

from pydantic import TypeAdapter

from services.ingest.core.feeds import Feed, NoFeed, parse_feed

#: What one document may take.
DEADLINE_SECONDS = 10.0
#: Address space of the child; libraries alone take some 250 MB of it.
MEMORY_BYTES = 768 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class FeedParser:
    """Use it from one thread. The child is started with the first document, and again after it had to be killed."""

    def __init__(self, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._deadline_seconds = deadline_seconds
        self._child: subprocess.Popen[bytes] | None = None

    def parse(self, document: bytes) -> Feed | NoFeed:
        """As `core.feeds.parse_feed`; a document that takes too much is no feed, and the reason says so."""
        child = self._child or self._start()
        try:
            _write(child.stdin, document)
            answer = _read_until(child.stdout, time.monotonic() + self._deadline_seconds)
        except TimeoutError:
            self._kill()
            return NoFeed(reason=f"it takes more than {self._deadline_seconds:g} s to read")
        except (OSError, EOFError):
            self._kill()
            return NoFeed(reason=f"reading it takes more than {MEMORY_BYTES // 2**20} MB, or ends the parser")
        return _ANSWER.validate_json(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._kill()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "services.ingest.feed_parser"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)  # noqa: S603 - our own module
        _read_until(self._child.stdout, time.monotonic() + 60)  # its first answer says that it has begun
        return self._child

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _write(stream: IO[bytes] | None, content: bytes) -> None:
    if stream is None:
        raise EOFError
    left = memoryview(_LENGTH.pack(len(content)) + content)
    while left:  # an unbuffered pipe takes what it can
        left = left[stream.write(left) :]
    stream.flush()


def _read_until(stream: IO[bytes] | None, deadline: float) -> bytes:
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size, deadline))
    return _read_exactly(stream, length, deadline)


def _read_exactly(stream: IO[bytes] | None, length: int, deadline: float) -> bytes:
    """`length` bytes; TimeoutError after the deadline (monotonic), EOFError when the stream ends before."""
    if stream is None:
        raise EOFError
    content = bytearray()
    while len(content) < length:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = stream.read(length - len(content))  # unbuffered: what is there
        if not part:
            raise EOFError
        content += part
    return bytes(content)


_ANSWER: TypeAdapter[Feed | NoFeed] = TypeAdapter(Feed | NoFeed)


def main() -> None:
    """The child: answer documents until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _write(sys.stdout.buffer, b"begun")
    while head := sys.stdin.buffer.read(_LENGTH.size):
        document = sys.stdin.buffer.read(*_LENGTH.unpack(head))
        _write(sys.stdout.buffer, _ANSWER.dump_json(parse_feed(document), exclude_defaults=True))


if __name__ == "__main__":
    main()
