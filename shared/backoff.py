"""Delays between attempts: exponential, capped, with full jitter.

https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """How long to wait after the n-th failure in a row."""

    first_seconds: float = 0.5
    longest_seconds: float = 30.0

    def ceiling_seconds(self, failures: int) -> float:
        """The longest delay after `failures` (1 or more) failures."""
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 30))

    def delay_seconds(self, failures: int, uniform: Callable[[float, float], float]) -> float:
        """A delay between a tenth of the ceiling and the ceiling; `uniform` draws it, as `random.uniform` does."""
        ceiling = self.ceiling_seconds(failures)
        return uniform(ceiling / 10, ceiling)
