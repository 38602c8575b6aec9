"""Views as submitted → accepted ones, or the reason why not → records, grouped by the partition of their article."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.ingest.core.judgements import CLOCK_SKEW, SOURCE
from services.ingest.core.readers import Reader, hash_network, hash_visitor, reader_of
from services.ingest.core.submissions import ViewSubmission
from shared.engagement import EngagementRecorded, View
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.topics import ENGAGEMENT

#: Views of one record: enough to make the record's own cost small (design/popularity: hundreds), and well below its size limit.
VIEWS_A_RECORD = 500
#: A view that is reported later than this after it happened is not counted.
LATEST = timedelta(hours=24)


class ViewReason(StrEnum):
    """Why a view is refused."""

    ROBOT = "robot"
    LATE = "late"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class RefusedView:
    """Why a view is not counted, and the field that says so."""

    reason: ViewReason
    field: str
    detail: str


def judge_view(
    submission: ViewSubmission, request: Reader, salt: bytes, names_robot: Callable[[str], bool], now: datetime
) -> View | RefusedView:
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
    return View(
        article_id=submission.article_id,
        visitor=hash_visitor(salt, submission.visitor, reader),
        time=time.replace(microsecond=0),
        network=None if reader.address is None else hash_network(salt, reader.address),
    )


def build_view_records(views: Sequence[View], partition_of: Callable[[str], int], batch_id: str, now: datetime) -> list[NewRecord]:
    """Records of at most VIEWS_A_RECORD views of one partition each, in the order of the views."""
    by_partition: dict[int, list[View]] = {}
    for view in views:
        by_partition.setdefault(partition_of(view.article_id), []).append(view)
    records = []
    for partition, own in by_partition.items():
        for start in range(0, len(own), VIEWS_A_RECORD):
            body = EngagementRecorded(views=tuple(own[start : start + VIEWS_A_RECORD]))
            event = Event(id=f"{batch_id}.{partition}.{start}", source=SOURCE, time=now, accepted=now, body=body)
            records.append(encode_event(event, ENGAGEMENT, None, partition))
    return records
