"""What is read of Elasticsearch beside searches: superseded revisions, and changes in the order of indexing."""

import time
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from services.search.core.changes import (
    ChangesPage,
    Place,
    build_changes,
    build_last_change,
    parse_changes,
    parse_last_change,
)
from services.search.core.revisions import Known, build_superseded, build_superseded_count, parse_superseded
from services.search.reading import Reading
from services.search.settings import ReadingSettings
from shared.indices import ARTICLES, REVISIONS

#: A pattern matches nothing where there is no such alias, and a cluster that was set up by an older version has none.
_REVISIONS = f"{REVISIONS}*"


class Archive:
    """Reads what searches do not. Raises what `Reading` raises."""

    def __init__(self, reading: Reading, settings: ReadingSettings) -> None:
        self._reading = reading
        self._delay_seconds = settings.changes_delay_seconds

    async def fetch_superseded(self, article_id: str) -> tuple[Known, ...]:
        """The older revisions of an article that are kept, newest first."""
        return parse_superseded(await self._reading.fetch(_REVISIONS, build_superseded(article_id)))

    async def has_superseded(self, article_id: str) -> bool:
        """Whether older revisions of an article are kept."""
        answer = await self._reading.fetch(_REVISIONS, build_superseded_count(article_id))
        return bool(answer["hits"]["total"]["value"])

    async def fetch_changes(self, after: Place, size: int, conditions: dict[str, Any] | None = None) -> ChangesPage:
        """A page of changes after a place; `conditions` is a query that they must fit, if any."""
        until_ms = self.horizon_ms()
        answer = await self._reading.fetch(ARTICLES, build_changes(after, until_ms, size, conditions))
        return parse_changes(answer, size, until_ms)

    async def fetch_last_change(self) -> datetime | None:
        """To the second, when something was indexed last; None when more may follow within that second."""
        until_ms = self.horizon_ms()
        return parse_last_change(await self._reading.fetch(ARTICLES, build_last_change()), until_ms)

    def horizon_ms(self) -> int:
        """Until when everything that was indexed can be seen, in ms since 1970."""
        return round((time.time() - self._delay_seconds) * 1000)


def get_archive(request: Request) -> Archive:
    """What reads the archive for this app."""
    archive: Archive = request.app.state.archive
    return archive


ArchiveOf = Annotated[Archive, Depends(get_archive)]
