"""Saved searches for tests: as search saves them, and as the indexer learns of them."""

import uuid
from datetime import datetime
from typing import Any

from services.indexer.saved_searches import SavedSearches
from services.search.core.saved import SavedSearchSubmission, build_saved
from shared import topics
from shared.events import Event, Record, encode_event
from shared.saved_searches import SearchSaved
from tests.builders import NOON


def a_saved_search(q: str = "", *, created: datetime = NOON, **asked: Any) -> SearchSaved:
    """A search as `POST /v1/saved-searches` saves it."""
    return build_saved(SavedSearchSubmission.model_validate({"q": q, **asked}), uuid.uuid4().hex, created)


def a_saved_record(saved: SearchSaved, offset: int = 0) -> Record:
    """Its record in `searches.saved`."""
    event = Event(f"{saved.search_id}.{saved.revision}", "dateline/search", NOON, NOON, saved)
    made = encode_event(event, topics.SEARCHES, saved.search_id)
    return Record(made.topic, 0, offset, made.key, made.value, made.headers, 0)


def knowing(*saved: SearchSaved) -> SavedSearches:
    """The memory of an indexer that knows these searches."""
    searches = SavedSearches()
    searches.learn([a_saved_record(each, offset) for offset, each in enumerate(saved)])
    return searches
