"""What is in flight when the partitions move is read again, all of it: a fake member, for a real group moves when it likes."""

import threading
from typing import Any

import pytest

from shared import consuming
from shared.consuming import Subscription, consume
from shared.events import Record
from shared.health import Health
from shared.membership import Abandoned
from shared.outcomes import OutcomeName, Settled


class Member:
    """A member of a group that is given two batches, of a partition each; they move before the first is committed."""

    moves = 1

    def __init__(self, stop: threading.Event, batches: list[list[Record]]) -> None:
        self.rewound: list[tuple[int, int]] = []
        self._stop = stop
        self._batches = batches

    def poll(self, _seconds: float = 0) -> list[Record]:
        if self.rewound:
            self._stop.set()
        return self._batches.pop(0) if self._batches else []

    def commit(self, _records: object, _moves: int) -> None:
        raise Abandoned("the partitions moved")

    def rewind(self, records: list[Record]) -> None:
        self.rewound += [(record.partition, record.offset) for record in records]

    def resume(self) -> None:
        """It takes records all the time."""

    close = resume


class Silent:
    """A producer that nothing is given to."""

    def send_all(self, _records: object) -> None:
        """Acknowledged."""


def a_record(partition: int, offset: int) -> Record:
    return Record("topic", partition, offset, None, b"", (), 0)


def test_every_batch_in_flight_is_rewound_when_the_partitions_move(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    batches = [[a_record(0, 7), a_record(0, 8)], [a_record(1, 3)], [a_record(2, 5)]]
    member = Member(stop, list(batches))
    monkeypatch.setattr(consuming, "Membership", lambda *_arguments: member)
    monkeypatch.setattr(consuming, "partition_counts", lambda *_arguments: {})
    subscription: Subscription[Any] = Subscription(
        "test", ("topic",), lambda record: record, lambda batch: [Settled(OutcomeName.INDEXED)] * len(batch), in_flight=3
    )

    consume(subscription, Any, Silent(), Health(), stop)  # type: ignore[arg-type]

    assert member.rewound == [(record.partition, record.offset) for batch in batches for record in batch]
