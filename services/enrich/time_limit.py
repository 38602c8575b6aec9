"""Stops work on texts that takes too long, so that one article cannot hold up all that come after it.

A signal's handler runs between two steps of Python, also of those inside of a regular expression and of a pipeline of spaCy, and
what it raises ends the work like any error. It cannot end a single call into C: what these are given is bounded beforehand
(`core.reading_limits`, `core.language.BODY_CHARACTERS`), and a process that hangs in one is "stuck" to `/healthz`.
"""

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: How many times a limit is looked at before it is reached.
_LOOKS = 10
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long work may take, in seconds: of this thread's time on a processor, and by the clock.

    The clock gets more, since a process that is suspended, or shares its processor with others, does no harm to anybody; but what
    waits for something takes no time on a processor and must end too.
    """

    processor_seconds: float = 10.0
    clock_seconds: float = 60.0


class TooSlow(Exception):
    """Work took longer than its limit; says for how long, and where it was then."""


@contextmanager
def limited_time(limit: TimeLimit) -> Iterator[None]:
    """Raises TooSlow in the body when it passes the limit. For the main thread only, and not one inside of another."""
    start, clock_start = time.thread_time(), time.monotonic()

    def look(_number: int, _frame: object) -> None:
        used, passed = time.thread_time() - start, time.monotonic() - clock_start
        if used >= limit.processor_seconds:
            raise TooSlow(f"took more than {limit.processor_seconds:g} s")
        if passed >= limit.clock_seconds:
            raise TooSlow(f"took more than {limit.clock_seconds:g} s by the clock, {used:.1f} s of them on a processor")

    interval = min(limit.processor_seconds, limit.clock_seconds) / _LOOKS
    before = signal.signal(signal.SIGALRM, look)
    # It goes on after the first look that raises: code that calls back from C may swallow what is raised.
    signal.setitimer(signal.ITIMER_REAL, interval, interval)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def place_of(error: TooSlow) -> str:
    """Where Dateline's own code was when the limit was passed: `services/enrich/core/places.py:120, find_possible_places`."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and "site-packages" not in frame.filename]
    frame = (own or frames)[-1]
    file = Path(frame.filename)
    return f"{file.relative_to(_ROOT) if own else file.name}:{frame.lineno}, {frame.name}"
