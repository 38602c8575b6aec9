"""What page tokens have paid for: one token pays for so many views and reports, and then it is a replay.

It is a bounded memory, of this process only: two tables of which the older is forgotten when the newer is full. Only tokens that
were signed with our key are remembered, so nobody fills it with inventions. What it forgets, or never knew (a restart, another
process), the visitor rule of popularity still stops: the same reader counts once in 30 minutes.
"""

from enum import IntEnum

from services.ingest.core.fixed_table import FixedTable

_KEY_BYTES, _COUNT_BYTES = 16, 4


class Paid(IntEnum):
    """What a token pays for; its place in what is remembered."""

    VIEW = 0
    ENGAGED = 1
    SHARE = 2


class PaidTokens:
    """Remembers what at least the last `most` tokens have paid for. Not safe between threads."""

    def __init__(self, most: int, times: int) -> None:
        """`times`: how many of each, views, reports and shares, a token pays for; 0 for any number, without a memory."""
        self._most, self._times = most, times
        self._newer, self._older = self._empty(), self._empty()

    def pay(self, token: str, what: Paid) -> bool:
        """Whether a token, which has been found valid, still pays for this; if so, it has paid."""
        return self._times == 0 or self._count(token, what, 1)

    def give_back(self, token: str, what: Paid) -> None:
        """What the token paid for did not come about."""
        if self._times:
            self._count(token, what, -1)

    def _count(self, token: str, what: Paid, more: int) -> bool:
        key = token[-_KEY_BYTES:].encode("ascii")  # of its signature: 96 bits, and nobody can choose them
        counts = [0] * len(Paid)
        found = self._newer.get(key) or self._older.get(key)
        if found is not None:
            counts = [int.from_bytes(found[at : at + _COUNT_BYTES]) for at in range(0, len(found), _COUNT_BYTES)]
        if not 0 <= counts[what] + more <= self._times:
            return False
        counts[what] += more
        if not self._newer.has_room(1):
            self._newer, self._older = self._empty(), self._newer
        self._newer.put(key, b"".join(count.to_bytes(_COUNT_BYTES) for count in counts))
        return True

    def _empty(self) -> FixedTable:
        return FixedTable(self._most if self._times else 0, _KEY_BYTES, len(Paid) * _COUNT_BYTES)
