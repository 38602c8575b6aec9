"""The visitor rule once more, as it is written down in docs/decisions/0012: view by view, with a table of every counted view."""

from dataclasses import dataclass, field

#: How late a view may be stored and still be compared with all that happened near it.
GRACE_SECONDS = 300


@dataclass
class VisitorModel:
    """What one partition remembers: by slot, until when, and when each pair of visitor and article was counted."""

    window: int
    slots: dict[int, tuple[int, dict[object, int]]] = field(default_factory=dict)

    def counts(self, pair: object, second: int, stored_at: int) -> bool:
        """Whether the next view of the log counts, which happened in a second and was stored in another."""
        for number in [number for number, slot in self.slots.items() if slot[0] <= stored_at]:
            del self.slots[number]
        own = second // self.window
        near = [self.slots[number][1][pair] for number in (own - 1, own, own + 1) if pair in self.slots.get(number, (0, {}))[1]]
        if any(abs(second - other) < self.window for other in near):
            return False
        ends = max((own + 1) * self.window, stored_at) + self.window + GRACE_SECONDS
        self.slots.setdefault(own, (ends, {}))[1][pair] = second
        return True
