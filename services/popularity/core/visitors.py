"""Who viewed what lately, so that one visitor counts once per article in a window of event time, 30 minutes for one.

The rule, for the views of a partition in the order of its log, each with the second `t` in which it happened and the second in
which it was stored: a view is a repeat when a view of the same visitor and article that *was counted* and is remembered happened
less than the window before or after `t`. So who keeps reading counts once every window, and two counted views that are remembered
are never closer than the window, in whatever order they came.

Remembered are counted views by slots: slot n takes what happened in the window's length from `n * window` on. A slot is remembered
from its first counted view until GRACE_SECONDS and one window after its end, or after that view was stored where that is later. So
the rule is exact for all that is stored within GRACE_SECONDS; what comes later is compared with what is still remembered, and with
what came as late. A visitor has one counted view a slot at the most, so a slot is a table from visitor and article (64 bits, see
`tallying`) to the second within the slot, kept as a few sorted arrays: 10 bytes a counted view.

What is remembered depends on decisions that reach back for ever (was the view before the one before counted?), so it cannot be made
anew from the last records of the log: it is stored with each checkpoint, each counted view once, and deleted when it is forgotten.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.uint64]
Seconds = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: How late a view may be stored and still be compared with all that happened near it; that of the clocks of senders.
GRACE_SECONDS = 300
#: Beyond it a second within a slot would not fit into 16 bits.
LONGEST_WINDOW_SECONDS = 43_200
#: Keys of what is stored begin with it; those of counts are article ids, which are hexadecimal.
VISITORS_PREFIX = b"visitors."
_FORMAT = 1
_HEADER = struct.Struct("<BIqqI")  # format, window, slot, forgotten at, counted views
#: Counted views in one stored value: half a megabyte.
_MOST_IN_VALUE = 50_000
_NEVER = np.int64(-(2**60))


@dataclass(slots=True)
class _Run:
    """Counted views of one slot in the order of their pairs, with the second within the slot."""

    pairs: Pairs
    offsets: NDArray[np.uint16]


@dataclass(slots=True)
class _Slot:
    """The counted views of one slot; `fresh` are those that are not stored yet, which take `stored_values` until now."""

    number: int
    forget_at: int
    runs: list[_Run] = field(default_factory=list)
    fresh: list[_Run] = field(default_factory=list)
    stored_values: int = 0

    def add(self, run: _Run) -> None:
        """Keep a few runs whose sizes grow, so that each view is moved only a few times."""
        self.runs.append(run)
        while len(self.runs) > 1 and len(self.runs[-2].pairs) < 2 * len(self.runs[-1].pairs):
            self.runs[-2:] = [_merge(self.runs[-2:])]

    def find(self, pairs: Pairs, window_seconds: int) -> Seconds:
        """When each of the (sorted) pairs was counted; long before everything where it was not."""
        found = np.full(len(pairs), _NEVER, np.int64)
        start = self.number * window_seconds
        for run in self.runs:
            places = np.searchsorted(run.pairs, pairs)
            places[places == len(run.pairs)] = 0
            known = run.pairs[places] == pairs
            found[known] = run.offsets[places[known]].astype(np.int64) + start
        return found


class RecentVisitors:
    """The counted views of one partition that are remembered."""

    def __init__(self, window_seconds: int, stored: Mapping[bytes, bytes] | None = None, prefix: bytes = VISITORS_PREFIX) -> None:
        """`stored` is what `changes` answered, by key; what another window left is forgotten. ValueError for another form.

        Keys begin with `prefix`.
        """
        self._window = window_seconds
        self._prefix = prefix
        self._slots: dict[int, _Slot] = {}
        self._gone: set[bytes] = set()
        for key, value in (stored or {}).items():
            self._load(key, value)

    def judge(self, pairs: Pairs, seconds: Seconds, stored_at: Seconds) -> Mask:
        """Which views of a part of the log count: those of True. The log may be cut into parts anywhere."""
        counted = np.ones(len(pairs), np.bool_)
        start = 0
        while start < len(pairs):
            self._forget(int(stored_at[start]))
            end = start + self._until_forgetting(stored_at[start:])
            part = slice(start, end)
            counted[part] = self._judge(pairs[part], seconds[part], stored_at[part])
            start = end
        return counted

    def changes(self) -> dict[bytes, bytes | None]:
        """What to store, and (None) to delete, since this was last asked."""
        changed: dict[bytes, bytes | None] = dict.fromkeys(self._gone)
        self._gone.clear()
        for slot in self._slots.values():
            if slot.fresh:
                changed |= self._encode(slot, _merge(slot.fresh))
                slot.fresh = []
        return changed

    def __len__(self) -> int:
        """How many counted views are remembered."""
        return sum(len(run.pairs) for slot in self._slots.values() for run in slot.runs)

    def _forget(self, now: int) -> None:
        for slot in [slot for slot in self._slots.values() if slot.forget_at <= now]:
            self._gone.update(self._key(slot.number, number) for number in range(slot.stored_values))
            del self._slots[slot.number]

    def _until_forgetting(self, stored_at: Seconds) -> int:
        """How many views can be judged before a slot is to be forgotten, those of the slots that they begin included."""
        earliest = np.minimum.accumulate(stored_at) + self._window + GRACE_SECONDS
        if self._slots:
            earliest = np.minimum(earliest, min(slot.forget_at for slot in self._slots.values()))
        late = stored_at >= earliest
        return max(1, int(late.argmax())) if late.any() else len(stored_at)

    def _judge(self, pairs: Pairs, seconds: Seconds, stored_at: Seconds) -> Mask:
        order = np.argsort(pairs)
        by_pair, times = pairs[order], seconds[order]
        repeats = self._known(by_pair, times)
        again = np.zeros(len(pairs), np.bool_)
        again[1:] = by_pair[1:] == by_pair[:-1]
        again[:-1] |= again[1:]
        counted = np.empty(len(pairs), np.bool_)
        counted[order] = ~repeats
        several = np.sort(order[again & ~repeats])
        if len(several):
            counted[several] = self._judge_in_turn(pairs[several].tolist(), seconds[several].tolist())
        self._remember(order[counted[order]], pairs, seconds, stored_at)
        return counted

    def _known(self, pairs: Pairs, seconds: Seconds) -> Mask:
        """Which views (in the order of their pairs) are repeats of what was counted before this part."""
        repeats = np.zeros(len(pairs), np.bool_)
        for places, number in _by_slot(seconds // self._window):
            own, times = pairs[places], seconds[places]
            near = np.zeros(len(own), np.bool_)
            for slot in (self._slots.get(number + step) for step in (-1, 0, 1)):
                if slot is not None:
                    near |= np.abs(slot.find(own, self._window) - times) < self._window
            repeats[places] = near
        return repeats

    def _judge_in_turn(self, pairs: list[int], seconds: list[int]) -> list[bool]:
        """Views whose pairs come several times in this part, in the order of the log."""
        window, local = self._window, dict[tuple[int, int], int]()
        judged = []
        for pair, second in zip(pairs, seconds, strict=True):
            slot = second // window
            near = (local.get((pair, slot + step)) for step in (0, -1, 1))
            counts = not any(other is not None and abs(other - second) < window for other in near)
            if counts:
                local[pair, slot] = second
            judged.append(counts)
        return judged

    def _remember(self, counted: NDArray[np.intp], pairs: Pairs, seconds: Seconds, stored_at: Seconds) -> None:
        """Remember views, named by their places in the order of their pairs."""
        for places, number in _by_slot(seconds[counted] // self._window):
            own = counted[places]
            slot = self._slots.get(number)
            if slot is None:
                ends = max((number + 1) * self._window, int(stored_at[own.min()]))
                slot = self._slots[number] = _Slot(number, ends + self._window + GRACE_SECONDS)
            run = _Run(pairs[own], (seconds[own] - number * self._window).astype(np.uint16))
            slot.add(run)
            slot.fresh.append(run)

    def _encode(self, slot: _Slot, fresh: _Run) -> dict[bytes, bytes | None]:
        values: dict[bytes, bytes | None] = {}
        for start in range(0, len(fresh.pairs), _MOST_IN_VALUE):
            pairs, offsets = fresh.pairs[start : start + _MOST_IN_VALUE], fresh.offsets[start : start + _MOST_IN_VALUE]
            head = _HEADER.pack(_FORMAT, self._window, slot.number, slot.forget_at, len(pairs))
            value = b"".join((head, pairs.astype("<u8").tobytes(), offsets.astype("<u2").tobytes()))
            values[self._key(slot.number, slot.stored_values)] = value
            slot.stored_values += 1
        return values

    def _load(self, key: bytes, value: bytes) -> None:
        if len(value) < _HEADER.size or value[0] != _FORMAT:
            raise ValueError("not visitors of a form that this version knows")
        _, window, number, forget_at, views = _HEADER.unpack_from(value)
        if len(value) != _HEADER.size + 10 * views:
            raise ValueError(f"visitors of {len(value)} bytes, which is not what their head says")
        if window != self._window:
            self._gone.add(key)
            return
        slot = self._slots.setdefault(number, _Slot(number, forget_at))
        slot.stored_values += 1
        pairs = np.frombuffer(value, "<u8", views, _HEADER.size).astype(np.uint64)
        slot.add(_Run(pairs, np.frombuffer(value, "<u2", views, _HEADER.size + 8 * views).astype(np.uint16)))

    def _key(self, slot: int, number: int) -> bytes:
        return b"%s%d.%d" % (self._prefix, slot, number)


def _by_slot(slots: Seconds) -> list[tuple[NDArray[np.intp], int]]:
    """The places of each slot number, in their order."""
    if not len(slots):
        return []
    if slots.min() == slots.max():
        return [(np.arange(len(slots)), int(slots[0]))]
    return [(np.flatnonzero(slots == number), int(number)) for number in np.unique(slots)]


def _merge(runs: list[_Run]) -> _Run:
    if len(runs) == 1:
        return runs[0]
    pairs = np.concatenate([run.pairs for run in runs])
    order = np.argsort(pairs, kind="stable")  # of what is sorted in parts, it only merges
    return _Run(pairs[order], np.concatenate([run.offsets for run in runs])[order])
