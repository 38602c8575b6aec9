"""What was taken since the last checkpoint: it is reported, and its records are done with, only after the next."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from services.popularity.core.fairness import Reason
from shared import metrics
from shared.events import Record, parse_time
from shared.outcomes import DeadLetterCode, NewRecord, OutcomeName
from shared.popularity import Measure

#: Called when nothing can undo a record any more.
Done = Callable[[], None]


@dataclass
class Batch:
    """Records with their outcomes."""

    views: int = 0
    outcomes: Counter[tuple[str, OutcomeName]] = field(default_factory=Counter)
    codes: Counter[tuple[str, DeadLetterCode]] = field(default_factory=Counter)
    refused: Counter[Reason] = field(default_factory=Counter)
    refused_reports: Counter[tuple[Measure, Reason]] = field(default_factory=Counter)
    accepted: list[tuple[str, float]] = field(default_factory=list)
    dead_letters: list[NewRecord] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)

    def add(self, record: Record, outcome: OutcomeName, done: Done | None) -> None:
        """A record came to an outcome."""
        self.outcomes[record.topic, outcome] += 1
        accepted = parse_time(record.header("ce_acceptedtime"))
        if accepted is not None:
            self.accepted.append((record.topic, accepted.timestamp()))
        if done is not None:
            self.done.append(done)

    def report(self) -> None:
        """The outcomes are stored: count them, and let their records go."""
        for (topic, outcome), number in self.outcomes.items():
            metrics.OUTCOMES.labels(topic, outcome).inc(number)
        for (topic, code), number in self.codes.items():
            metrics.DEAD_LETTERS.labels(topic, code).inc(number)
        for reason, number in self.refused.items():
            metrics.VIEWS_REFUSED.labels(reason).inc(number)
        for (measure, reason), number in self.refused_reports.items():
            metrics.REPORTS_REFUSED.labels(measure, reason).inc(number)
        now = time.time()
        for topic, accepted in self.accepted:
            metrics.EVENT_AGE.labels(topic).observe(max(0.0, now - accepted))
        for done in self.done:
            done()
