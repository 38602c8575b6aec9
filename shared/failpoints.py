"""Named places at which a test lets a process die, to see that what is half done is done again and once.

Nothing happens at them unless the environment variable FAIL_POINT names one, as `sent:3`: at the third pass the process ends at
once, with exit code 137 as after kill -9, without flushing, committing or saying goodbye.
"""

import os
from collections.abc import Callable, Mapping
from enum import StrEnum

VARIABLE = "FAIL_POINT"
EXIT_CODE = 137


class FailPoint(StrEnum):
    """Every place, in the order in which news and views pass them."""

    ACKNOWLEDGED = "acknowledged"  # Kafka has what came in; its sender has no answer yet
    CLAIMED = "claimed"  # enrich has said which text an article has, and does not know its story yet
    HANDLED = "handled"  # what becomes of a batch is known, and nothing of it was sent
    SENT = "sent"  # what follows from a batch is acknowledged
    DEAD_LETTER_SENT = "dead-letter-sent"
    COMMITTED = "committed"
    BULK_BUILT = "bulk-built"
    BULK_ANSWERED = "bulk-answered"  # Elasticsearch has it; nobody has judged the answer
    REVISIONS_KEPT = "revisions-kept"  # older revisions are set aside; the newer ones are not there yet
    OPENED = "opened"  # the counts of a partition are read, and no view was added
    CHECKPOINT_SENT = "checkpoint-sent"  # inside the transaction
    CHECKPOINT_STORED = "checkpoint-stored"  # after it; faust does not know


def _armed(environment: Mapping[str, str]) -> Callable[[FailPoint], None] | None:
    """What to call at every point; None where no point is named. ValueError for one that does not exist."""
    named, _, passes = environment.get(VARIABLE, "").partition(":")
    if not named:
        return None
    point, left = FailPoint(named), int(passes or 1)

    def pass_one(place: FailPoint) -> None:
        nonlocal left
        if place is point:
            left -= 1
            if left == 0:
                os._exit(EXIT_CODE)

    return pass_one


def _go_on(place: FailPoint) -> None:
    """Nothing: no point is armed."""


#: Call it where the process may die.
fail_here: Callable[[FailPoint], None] = _armed(os.environ) or _go_on
