"""Views as submitted → accepted ones, or the reason why not → records, grouped by the partition of their article."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

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


class PlacedView(NamedTuple):
    """A view as JSON, and the partition of its article."""

    partition: int
    json: str


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


def place_view(view: AcceptedView, partition: int) -> PlacedView:
    """The view as the model `View` writes itself: hashes and ids need no escapes."""
    network = "" if view.network is None else f'","network":"{view.network}'
    time = view.time.astimezone(UTC).isoformat()[:19]
    return PlacedView(partition, f'{{"article_id":"{view.article_id}","visitor":"{view.visitor}","time":"{time}Z{network}"}}')


def build_view_records(views: Sequence[PlacedView], batch_id: str, now: datetime) -> tuple[list[NewRecord], list[int]]:
    """Records of at most VIEWS_A_RECORD views of one partition each, in the order of the views; and for each view which it is in.

    The views of a record are of one length, with a network or without: so whoever counts them can read them by columns.
    """
    records: list[list[PlacedView]] = []
    open_records: dict[tuple[int, int], int] = {}
    places = []
    for view in views:
        form = view.partition, len(view.json)
        place = open_records.get(form, -1)
        if place < 0 or len(records[place]) == VIEWS_A_RECORD:
            place = open_records[form] = len(records)
            records.append([])
        records[place].append(view)
        places.append(place)
    return [_build_record(own, f"{batch_id}.{place}", now) for place, own in enumerate(records)], places


def _build_record(views: Sequence[PlacedView], own_id: str, now: datetime) -> NewRecord:
    """As `encode_event` makes it, only that the views are not made into models once more."""
    first = EngagementRecorded(views=(View.model_validate_json(views[0].json),))
    record = encode_event(Event(id=own_id, source=SOURCE, time=now, accepted=now, body=first), ENGAGEMENT, None, views[0].partition)
    return replace(record, value=('{"views":[' + ",".join([view.json for view in views]) + "]}").encode())
