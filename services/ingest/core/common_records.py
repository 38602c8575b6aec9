"""What readers did, accepted → records of many views, readings or shares of one partition each, which popularity reads by columns.

Before this: `views`, which judges who did it. A record for each would cost whoever counts them a hundred times as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from services.ingest.core.judgements import SOURCE
from services.ingest.core.views import AcceptedView
from shared.engagement import EngagementRecorded, ReadingsReported, SharesReported
from shared.events import Body, Event, encode_event
from shared.outcomes import NewRecord
from shared.topics import ENGAGEMENT, READING

#: Views of one record: enough to make the record's own cost small (design/popularity: hundreds), and well below its size limit.
VIEWS_A_RECORD = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """What stands in a record: the field that holds it, the event that it is, and the topic."""

    field: str
    body: type[Body]
    topic: str


VIEWS = Kind("views", EngagementRecorded, ENGAGEMENT)
READINGS = Kind("readings", ReadingsReported, READING)
SHARES = Kind("shares", SharesReported, READING)


class Placed(NamedTuple):
    """A view, reading or share as JSON, and the partition of its article."""

    kind: Kind
    partition: int
    json: str


def place_view(view: AcceptedView, partition: int) -> Placed:
    """The view as the model `View` writes itself."""
    return Placed(VIEWS, partition, f"{_begin(view)}}}")


def place_share(share: AcceptedView, partition: int) -> Placed:
    """The share of who did it, written as a view is."""
    return Placed(SHARES, partition, f"{_begin(share)}}}")


def place_reading(reading: AcceptedView, engaged_seconds: int, partition: int) -> Placed:
    """As the model `Reading` writes itself, but that all numbers are of one length: they have spaces before them."""
    return Placed(READINGS, partition, f'{_begin(reading)},"engaged_seconds":{engaged_seconds:4d}}}')


def _begin(view: AcceptedView) -> str:
    """Hashes and ids need no escapes."""
    network = "" if view.network is None else f',"network":"{view.network}"'
    time = view.time.astimezone(UTC).isoformat()[:19]
    return f'{{"article_id":"{view.article_id}","visitor":"{view.visitor}","time":"{time}Z"{network}'


def build_records(placed: Sequence[Placed], batch_id: str, now: datetime) -> tuple[list[NewRecord], list[int]]:
    """Records of at most VIEWS_A_RECORD of one kind and partition each, in their order; and for each which one it is in.

    What stands in a record is of one length, with a network or without: so whoever counts it can read it by columns.
    """
    records: list[list[Placed]] = []
    open_records: dict[tuple[str, int, int], int] = {}
    places = []
    for each in placed:
        form = each.kind.field, each.partition, len(each.json)
        place = open_records.get(form, -1)
        if place < 0 or len(records[place]) == VIEWS_A_RECORD:
            place = open_records[form] = len(records)
            records.append([])
        records[place].append(each)
        places.append(place)
    return [_build_record(own, f"{batch_id}.{place}", now) for place, own in enumerate(records)], places


def _build_record(placed: Sequence[Placed], own_id: str, now: datetime) -> NewRecord:
    """As `encode_event` makes it, only that no more than the first is made into a model once more."""
    kind, partition, first = placed[0]
    body = kind.body.model_validate_json(_join(kind, [first]))
    record = encode_event(Event(id=own_id, source=SOURCE, time=now, accepted=now, body=body), kind.topic, None, partition)
    return replace(record, value=_join(kind, [each.json for each in placed]))


def _join(kind: Kind, values: Sequence[str]) -> bytes:
    return f'{{"{kind.field}":[{",".join(values)}]}}'.encode()
