"""Views as submitted → accepted ones, or the reason why not. After it: `common_records`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.ingest.core.judgements import CLOCK_SKEW
from services.ingest.core.readers import Reader, hash_network, hash_visitor, reader_of
from services.ingest.core.submissions import ViewSubmission

#: A view that is reported later than this after it happened is not counted.
LATEST = timedelta(hours=24)


class ViewReason(StrEnum):
    """Why a view is refused; those after `future` are of the page token that should vouch for it."""

    ROBOT = "robot"
    LATE = "late"
    FUTURE = "future"
    BLIND = "blind"
    FORGED = "forged"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    REPLAYED = "replayed"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class RefusedView:
    """Why a view is not counted, and the field that says so."""

    reason: ViewReason
    field: str
    detail: str


class AcceptedView(NamedTuple):
    """A view as it goes on; the fields are those of `shared.engagement.View`, which takes longer to make than all the rest."""

    article_id: str
    visitor: str
    time: datetime
    network: str | None


def judge_view(
    submission: ViewSubmission, request: Reader, salt: bytes, names_robot: Callable[[str], bool], now: datetime
) -> AcceptedView | RefusedView:
    """The view at the second in which it was seen, or why it is refused.

    Args:
        submission: as its sender wrote it.
        request: who sent the request; the reader, if the submission names none.
        salt: of the day.
        names_robot: whether a user agent is that of a robot.
        now: the time of acceptance.
    """
    reader = reader_of(submission, request)
    if reader.user_agent is not None and names_robot(reader.user_agent):
        return RefusedView(ViewReason.ROBOT, "user_agent", "is that of a robot")
    time = submission.time or now
    if time > now + CLOCK_SKEW:
        return RefusedView(ViewReason.FUTURE, "time", "lies in the future")
    if time < now - LATEST:
        return RefusedView(ViewReason.LATE, "time", "lies more than 24 hours back")
    return AcceptedView(
        submission.article_id,
        hash_visitor(salt, submission.visitor, reader),
        time.replace(microsecond=0),
        None if reader.address is None else hash_network(salt, reader.address),
    )
