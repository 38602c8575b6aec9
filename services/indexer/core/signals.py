"""Signals of popularity → the counts in an article's document, which say nothing new of the article itself.

Before this: popularity (`news.popularity.signalled.v1`). After it: `counting`, which writes the documents. Counts of all time only
grow, so of two the higher one is the newer: signals may come in any order and as often as they like.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.indexer.core.documents import Action, Place, build_action
from shared import indices
from shared.events import Record, decode_event, event_type
from shared.outcomes import DeadLetterCode, DeadLettered
from shared.popularity import PopularitySignalled

_SIGNALLED = event_type(PopularitySignalled)


@dataclass(frozen=True, slots=True)
class Signal:
    """The counts of an article, as of some time. `place` is where its record stands in Kafka."""

    place: Place
    id: str
    views: int
    comments: int


def read_record(record: Record) -> Action | Signal | DeadLettered:
    """What the indexer does about a record: write a document, change the counts of one, or nothing, for the reason given."""
    if record.header("ce_type") != _SIGNALLED:
        return build_action(record)
    event = decode_event(record)
    if isinstance(event, DeadLettered):
        return event
    if not isinstance(event.body, PopularitySignalled):
        return DeadLettered(DeadLetterCode.INVALID, f"{type(event.body).__name__} is no signal")
    place = (record.topic, record.partition, record.offset)
    return Signal(place, event.body.article_id, event.body.views, event.body.comments)


def join_signals(signals: Iterable[Signal]) -> dict[str, Signal]:
    """What some signals say together, by article."""
    joined: dict[str, Signal] = {}
    for signal in signals:
        before = joined.get(signal.id)
        if before is None:
            joined[signal.id] = signal
        else:
            views, comments = max(before.views, signal.views), max(before.comments, signal.comments)
            joined[signal.id] = Signal(signal.place, signal.id, views, comments)
    return joined


def is_counted(document: Mapping[str, Any]) -> bool:
    """Whether a document shows counts: a tombstone shows none."""
    return document.get("status") == indices.PUBLISHED


def count_anew(signal: Signal, version: int, document: Mapping[str, Any]) -> Action | None:
    """The writing of a document with its counts raised, all else as it is; None where they are as high already."""
    views, comments = document.get("views") or 0, document.get("comments") or 0
    if signal.views <= views and signal.comments <= comments:
        return None
    counts = {"views": max(views, signal.views), "comments": max(comments, signal.comments)}
    source = orjson.dumps({**document, **counts})
    return Action(signal.place, indices.ARTICLES, signal.id, version, source)
