"""A child process for `test_children`: a document that names a function here has it called, another one is its own answer."""

import os
import re
import signal
import time
from collections.abc import Callable

from services.ingest.children import serve_documents


def spin() -> bytes:
    """C code that lets no Python in for ages."""
    return b"" if re.match(rb"(a+)+b", b"a" * 100) else b"no match"


def work() -> bytes:
    began = time.process_time()
    while time.process_time() - began < 0.1:
        pass
    return b"worked"


def sleep() -> bytes:
    time.sleep(60)
    return b"slept"


def stop() -> bytes:
    os.kill(os.getpid(), signal.SIGSTOP)
    return b"went on"


def die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"lives"


def leave() -> bytes:
    os._exit(3)


def hoard() -> bytes:
    return b"x" * 10_000_000_000


def swallow() -> bytes:
    """As libxml2 does: takes all the memory that there is, and answers as if nothing had been."""
    taken = []
    size = 2**24
    while size > 2**20:
        try:
            taken.append(bytearray(size))
        except MemoryError:
            size //= 2
    return b"swallowed"


def wear() -> bytes:
    """Takes much, but less than the limit of the tests."""
    return bytes(160 * 2**20)[:1]


def fail() -> bytes:
    raise ValueError("for the test")


def chatter() -> bytes:
    os.write(1, b"printed by the test\n")
    return b"said"


def who() -> bytes:
    return str(os.getpid()).encode()


FUNCTIONS: dict[bytes, Callable[[], bytes]] = {
    function.__name__.encode(): function
    for function in (spin, work, sleep, stop, die, leave, hoard, swallow, wear, fail, chatter, who)
}


def answer(document: bytes) -> bytes:
    return FUNCTIONS[document]() if document in FUNCTIONS else document


if __name__ == "__main__":
    serve_documents(answer)
