"""One child process that reads what cannot be trusted: a hostile document costs its own time and memory, nobody else's.

A child module calls `serve_documents` in its `main`: documents come in on standard input, answers go out on standard output, each
after its length. `feed_parser` and `page_extractor` each have one.
"""

import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from shared.failures import Unavailable

#: Longest start of a child, on a machine that has much else to do.
_START_SECONDS = 60.0
#: How a child ends that could not get more memory.
_OUT_OF_MEMORY = 86
#: The parts of its memory from which on a child is taken to have wanted more, and from which on it is replaced after its answer.
_NEAR, _WORN = 0.95, 0.5
_ROOT = Path(__file__).resolve().parents[2]
_LENGTH = struct.Struct(">I")
#: The first byte of an answer; after the last one the child wants to be replaced.
_ANSWERED, _LAST, _FAILED = b"+", b"*", b"-"


@dataclass(frozen=True)
class Limits:
    """What one document may take, each more than 0; the memory is the address space of the child, its libraries included.

    The time on the clock is for a child that does nothing, such as a stopped one. CPU time is what a document is judged by: it
    is the same on a busy machine.
    """

    cpu_seconds: float
    wall_seconds: float = 30.0
    memory_bytes: int = 768 * 1024 * 1024


@dataclass(frozen=True)
class GivenUp:
    """A document without an answer, and why, as the end of a sentence about it: "it takes more than 5 s of CPU time to read"."""

    reason: str


class Child:
    """Use it from one thread at a time. It is started with the first document, and again after a document has ended it."""

    def __init__(self, module: str, limits: Limits) -> None:
        """`module` is the full name of the module that is run."""
        self._module = module
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now; None when there is none."""
        return self._process.pid if self._process else None

    def ask(self, document: bytes) -> bytes | GivenUp:
        """The child's answer. Unavailable when it cannot be started, which says nothing about the document."""
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it ended while it had nothing to do: no fault of this document
        process = self._process or self._start()
        deadline = time.monotonic() + self._limits.wall_seconds
        try:
            _write(process.stdin, document, deadline)
            answer = _read(process.stdout, deadline)
        except TimeoutError:
            self.close()
            return GivenUp(self._too_slow())
        except (OSError, EOFError):
            return GivenUp(self._why_ended(process))
        except BaseException:  # such as Ctrl-C: the answer that is still to come belongs to nobody
            self.close()
            raise
        if answer[:1] == _LAST:
            self.close()
        return GivenUp(answer[1:].decode()) if answer[:1] == _FAILED else answer[1:]

    def close(self) -> None:
        """End the process; another document starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # The same code as here, and nothing from the folder that somebody happens to be in, which -m alone would import first.
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        limits = (self._limits.cpu_seconds, self._limits.wall_seconds, self._limits.memory_bytes)
        command = [sys.executable, "-P", "-m", self._module, *map(str, limits)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is for the parent; the child ends when its input does
            )
            if self._process.stdin is not None:  # for the type checker; a pipe that blocks would know no deadline
                os.set_blocking(self._process.stdin.fileno(), False)
            _read(self._process.stdout, time.monotonic() + _START_SECONDS)  # its first answer says that it has begun
        except (OSError, EOFError) as error:
            self.close()
            raise Unavailable(f"the child process {self._module} does not start: {error or type(error).__name__}") from None
        except BaseException:
            self.close()
            raise
        return self._process

    def _why_ended(self, process: subprocess.Popen[bytes]) -> str:
        try:
            status = process.wait(timeout=1)  # its pipes close a moment before it is gone
        except subprocess.TimeoutExpired:
            status = -signal.SIGKILL
        self.close()
        if status == -signal.SIGPROF:
            return f"it takes more than {self._limits.cpu_seconds:g} s of CPU time to read"
        if status == -signal.SIGALRM:
            return self._too_slow()
        if status == _OUT_OF_MEMORY:
            return f"it takes more than {self._limits.memory_bytes // 2**20} MB of memory to read"
        return f"the process that reads it ended ({signal.Signals(-status).name if status < 0 else f'status {status}'})"

    def _too_slow(self) -> str:
        return f"it takes more than {self._limits.wall_seconds:g} s to read"


def serve_documents(answer: Callable[[bytes], bytes]) -> None:
    """What a child does: answer documents until standard input ends, each within the limits that `Child` gave it.

    The kernel ends it when a limit is passed, also in the midst of C code; so it outlives its parent by one document at most.
    An exception is the answer to its document, and its traceback goes to standard error.
    """
    cpu_seconds, wall_seconds, memory_bytes = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a parent that is gone wants no answer
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    _send(answers, _ANSWERED)
    while head := sys.stdin.buffer.read(_LENGTH.size):
        document = sys.stdin.buffer.read(*_LENGTH.unpack(head))
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
        content = _answer(answer, document, memory_bytes)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, content)


def _answer(answer: Callable[[bytes], bytes], document: bytes, memory_bytes: int) -> bytes:
    try:
        content = answer(document)
        peak = _peak_bytes()
        if peak > _NEAR * memory_bytes:
            raise MemoryError  # libxml2 answers as if there were no more of the document
        return (_LAST if peak > _WORN * memory_bytes else _ANSWERED) + content
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # what is left may not be enough for anything else
    except Exception as error:  # noqa: BLE001 - the next document may be read
        traceback.print_exc()
        return _FAILED + f"reading it fails with {type(error).__name__}, which is a defect of Dateline".encode()


def _peak_bytes() -> int:
    """The largest address space of this process until now; 0 where there is no /proc."""
    try:
        status = Path("/proc/self/status").read_bytes()
    except OSError:
        return 0
    _, _, after = status.partition(b"VmPeak:")
    return int(after.split(maxsplit=1)[0]) * 1024 if after else 0


def _send(stream: BinaryIO, content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def _write(stream: IO[bytes] | None, content: bytes, deadline: float) -> None:
    """The content after its length, into a pipe that does not block; TimeoutError after the deadline (monotonic)."""
    if stream is None:
        raise EOFError
    left = memoryview(_LENGTH.pack(len(content)) + content)
    while left:
        _wait(stream, select.POLLOUT, deadline)
        left = left[stream.write(left) or 0 :]  # it takes what it can


def _read(stream: IO[bytes] | None, deadline: float) -> bytes:
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size, deadline))
    return _read_exactly(stream, length, deadline)


def _read_exactly(stream: IO[bytes] | None, length: int, deadline: float) -> bytes:
    """`length` bytes; TimeoutError after the deadline (monotonic), EOFError when the stream ends before."""
    if stream is None:
        raise EOFError
    content = bytearray()
    while len(content) < length:
        _wait(stream, select.POLLIN, deadline)
        part = stream.read(length - len(content))  # unbuffered: what is there
        if not part:
            raise EOFError
        content += part
    return bytes(content)


def _wait(stream: IO[bytes], event: int, deadline: float) -> None:
    waiting = select.poll()  # not select.select, which fails on descriptors above 1023
    waiting.register(stream, event)
    if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
