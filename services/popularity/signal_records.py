"""Signals → records of `popularity.signals`, thousands at a time: what those of a checkpoint have in common is encoded once."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.popularity.core.signals import Signal
from services.popularity.list_records import SOURCE
from shared.events import Event, encode_event
from shared.outcomes import NewRecord
from shared.popularity import PopularitySignalled
from shared.topics import SIGNALS

_OWN_HEADERS = frozenset({"ce_id", "ce_partitionkey"})


def build_signals(signals: Sequence[Signal], as_of_ms: int) -> list[NewRecord]:
    """Their records, as of a time in ms since 1970."""
    if not signals:
        return []
    headers = _common_headers(as_of_ms)
    return [
        NewRecord(
            SIGNALS,
            article,
            b'{"article_id":"%b","revision":%d,"views":%d,"comments":%d}' % (article, as_of_ms, views, comments),
            (*headers, ("ce_id", b"%b.%d" % (article, as_of_ms)), ("ce_partitionkey", article)),
        )
        for article, views, comments in signals
    ]


def _common_headers(as_of_ms: int) -> tuple[tuple[str, bytes], ...]:
    as_of = datetime.fromtimestamp(as_of_ms / 1000, UTC)
    body = PopularitySignalled(article_id="0" * 32, revision=as_of_ms, views=0, comments=0)
    record = encode_event(Event(id="", source=SOURCE, time=as_of, accepted=as_of, body=body), SIGNALS, body.article_id)
    return tuple(header for header in record.headers if header[0] not in _OWN_HEADERS)
