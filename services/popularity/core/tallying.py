"""Record → what is to be counted of it, or why it cannot be.

Views in the form that ingest writes are read by `view_rows`. Whatever differs from it in any way is decoded with `decode_event`,
which alone decides what is wrong with a record; both ways answer the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from services.popularity.core.fairness import AHEAD_SECONDS, LATEST_SECONDS, Reason, judge_times
from services.popularity.core.reports import ReportTally
from services.popularity.core.view_rows import ViewColumns, build_columns, pair_of, pick_views, read_rows
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, ShareReported
from shared.events import Record, decode_event, event_type
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.popularity import Measure
from shared.topics import READING

_ENGAGEMENT = event_type(EngagementRecorded)


@dataclass(frozen=True, slots=True, eq=False)
class ViewTally:
    """Views in the order of their record, which was stored in the second `stored_at`. `refused` are left out, by why."""

    views: ViewColumns
    stored_at: int
    refused: Mapping[Reason, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.views.articles)


@dataclass(frozen=True, slots=True)
class CommentTally:
    """One comment; its id as 16 bytes."""

    article: bytes
    minute: int
    comment_id: bytes


Tally = ViewTally | CommentTally | ReportTally


def tally_record(record: Record) -> Tally | DeadLettered:
    """What to count of a record. What happened after the record was stored, by a clock that is ahead, happened when it was."""
    latest = record.timestamp_ms // 1000 if record.timestamp_ms > 0 else None
    if record.value is not None and record.header("ce_type") == _ENGAGEMENT:
        found = read_rows(record.value)
        if found is not None:
            return _tally_views(found, latest)
    event = decode_event(record)
    if isinstance(event, DeadLettered):
        return event
    body = event.body
    if isinstance(body, EngagementRecorded):
        return _tally_views(build_columns(body.views), latest)
    if isinstance(body, CommentPosted):
        minute = int(body.time.timestamp() // 60)
        minute = minute if latest is None else min(minute, latest // 60)
        return CommentTally(body.article_id.encode(), minute, bytes.fromhex(body.comment_id))
    # The order of reports is that of their topic, so none may come by another one.
    if isinstance(body, ReadingReported | ShareReported) and record.topic == READING:
        return _tally_report(body, latest)
    return DeadLettered(DeadLetterCode.INVALID, f"{type(body).__name__} is not counted and does not belong into {record.topic}")


def _tally_views(views: ViewColumns, latest: int | None) -> ViewTally:
    if latest is None:
        return ViewTally(views, int(views.seconds.max()))
    kept, refused = judge_times(views.seconds, latest)
    views = replace(views, seconds=np.minimum(views.seconds, latest))
    if not refused:
        return ViewTally(views, latest)
    return ViewTally(pick_views(views, kept), latest, refused)


def _tally_report(body: ReadingReported | ShareReported, latest: int | None) -> ReportTally:
    second = int(body.time.timestamp() // 1)
    stored_at = second if latest is None else latest
    refused = None
    if second < stored_at - LATEST_SECONDS:
        refused = Reason.LATE
    elif second > stored_at + AHEAD_SECONDS:
        refused = Reason.FUTURE
    return ReportTally(
        measure=Measure.SHARES if isinstance(body, ShareReported) else Measure.ENGAGED,
        article=body.article_id.encode(),
        pair=pair_of(body.article_id, body.visitor),
        network=int(body.network or "0", 16),
        second=min(second, stored_at),
        number=1 if isinstance(body, ShareReported) else body.engaged_seconds,
        stored_at=stored_at,
        refused=refused,
    )
