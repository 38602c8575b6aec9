"""Views as accepted → records, grouped by the partition of their article; and what stands for a visitor."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from services.ingest.core.acceptance import CLOCK_SKEW, SOURCE, Refused
from services.ingest.core.submissions import ViewSubmission
from shared.engagement import EngagementRecorded, View
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.topics import ENGAGEMENT

#: Views of one record: enough to make the record's own cost small (design/popularity: hundreds), and well below its size limit.
VIEWS_A_RECORD = 500


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request came from. It is hashed at once and never leaves ingest."""

    address: str
    user_agent: str


def visitor_hash(salt: bytes, submission: ViewSubmission, sender: Sender) -> str:
    """What stands for a visitor: HMAC-SHA-256 with the salt of the day, over the network (/24, /64) and user agent, 128 bits."""
    own = submission.visitor if submission.visitor is not None else f"{_network(sender.address)}\n{sender.user_agent}"
    return hmac.new(salt, own.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def accept_view(submission: ViewSubmission, visitor: str, now: datetime) -> View | Refused:
    """The view, at the time it was seen, which the sender may not put into the future."""
    time = submission.time or now
    if time > now + CLOCK_SKEW:
        return Refused((("time", "lies in the future"),))
    return View(article_id=submission.article_id, visitor=visitor, time=time)


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


def _network(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))
