"""Record → what is to be counted of it, or why it cannot be.

Views, readings and shares in the form that ingest writes are read by `view_rows`. Whatever differs from it in any way is decoded
with `decode_event`, which alone decides what is wrong with a record; both ways answer the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from services.popularity.core.fairness import Reason, judge_times
from services.popularity.core.reports import ReportTally
from services.popularity.core.view_rows import (
    Seconds,
    ViewColumns,
    build_columns,
    pick_views,
    read_readings,
    read_shares,
    read_views,
)
from shared.comments import CommentPosted
from shared.engagement import EngagementRecorded, ReadingReported, ReadingsReported, ShareReported, SharesReported
from shared.events import Body, Record, decode_event, event_type
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.popularity import Measure
from shared.topics import READING

_ENGAGEMENT = event_type(EngagementRecorded)
_READINGS, _SHARES = event_type(ReadingsReported), event_type(SharesReported)


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
    found = _tally_rows(record.header("ce_type"), record, latest) if record.value is not None else None
    if found is not None:
        return found
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
    tally = _tally_reported(body, latest) if record.topic == READING else None
    if tally is not None:
        return tally
    return DeadLettered(DeadLetterCode.INVALID, f"{type(body).__name__} is not counted and does not belong into {record.topic}")


def _tally_rows(kind: str | None, record: Record, latest: int | None) -> Tally | None:
    """The short way: None for what is not of the form that ingest writes."""
    value = record.value or b""
    if kind == _ENGAGEMENT:
        views = read_views(value)
        return None if views is None else _tally_views(views, latest)
    if record.topic == READING and kind == _SHARES:
        shares = read_shares(value)
        return None if shares is None else _tally_shares(shares, latest)
    if record.topic == READING and kind == _READINGS:
        readings = read_readings(value)
        return None if readings is None else _tally_reports(Measure.ENGAGED, *readings, latest)
    return None


def _tally_reported(body: Body, latest: int | None) -> ReportTally | None:
    """What the models of reports say; None for another body."""
    if isinstance(body, SharesReported):
        return _tally_shares(build_columns(body.shares), latest)
    if isinstance(body, ShareReported):
        return _tally_shares(build_columns([body]), latest)
    if not isinstance(body, ReadingsReported | ReadingReported):
        return None
    readings = [body] if isinstance(body, ReadingReported) else body.readings
    engaged = np.array([reading.engaged_seconds for reading in readings], np.int64)
    return _tally_reports(Measure.ENGAGED, build_columns(readings), engaged, latest)


def _tally_views(views: ViewColumns, latest: int | None) -> ViewTally:
    if latest is None:
        return ViewTally(views, int(views.seconds.max()))
    kept, refused = judge_times(views.seconds, latest)
    views = replace(views, seconds=np.minimum(views.seconds, latest))
    if not refused:
        return ViewTally(views, latest)
    return ViewTally(pick_views(views, kept), latest, refused)


def _tally_shares(shares: ViewColumns, latest: int | None) -> ReportTally:
    return _tally_reports(Measure.SHARES, shares, np.ones(len(shares.seconds), np.int64), latest)


def _tally_reports(measure: Measure, reports: ViewColumns, numbers: Seconds, latest: int | None) -> ReportTally:
    if latest is None:
        return ReportTally(measure, reports, numbers, int(reports.seconds.max()))
    kept, refused = judge_times(reports.seconds, latest)
    reports = replace(reports, seconds=np.minimum(reports.seconds, latest))
    if not refused:
        return ReportTally(measure, reports, numbers, latest)
    return ReportTally(measure, pick_views(reports, kept), numbers[kept], latest, refused)
