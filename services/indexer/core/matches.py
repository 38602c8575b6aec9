"""An article that fits a saved search → `news.search.matched.v1`. Before this: `services.indexer.matching`."""

from datetime import datetime
from typing import Any

from services.indexer.core.documents import Action
from shared import topics
from shared.events import Event, encode_event, parse_time
from shared.outcomes import NewRecord
from shared.saved_searches import SearchMatched

_SOURCE = "dateline/indexer"


def build_match(action: Action, search_id: str, now: datetime) -> NewRecord:
    """The record of a match: the same article and search have the same event id, however often they are told."""
    document = action.content()
    texts: Any = document.get("headline") or {}
    matched = SearchMatched.model_validate(
        {
            **{name: document.get(name) for name in ("article_id", "revision", "url", "publisher", "section", "date")},
            "search_id": search_id,
            "headline": next(iter(texts.values()), ""),
            "language": document.get("language") or "und",
            "matched": now,
        }
    )
    event = Event(matched.match_id, _SOURCE, now, parse_time(action.accepted) or now, matched)
    return encode_event(event, topics.MATCHES, search_id)
