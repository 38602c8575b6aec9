"""The feed of changes: whoever copies the index, or reacts to news, reads it from where it stopped."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.search.archive import Archive, ArchiveOf
from services.search.core.changes import (
    BEGINNING,
    ChangesAnswer,
    Place,
    build_place_cursor,
    parse_place_cursor,
    place_before,
)
from services.search.core.parameters import Size
from services.search.problems import problems

#: `now`, or a cursor; an empty one counts as not given.
Since = Annotated[
    str | None,
    Query(
        max_length=2000, description="`cursor` of the answer before; `now` for what comes from now on; from the beginning if absent"
    ),
]

router = APIRouter(prefix="/v1")


@router.get("/changes", summary="New, changed and retracted articles", responses=problems(status_400="`since` is no cursor"))
async def get_changes(archive: ArchiveOf, since: Since = None, size: Annotated[Size, Query()] = 100) -> ChangesAnswer:
    """Every article that is new, changed or retracted since a place in the feed, oldest first; complete, in the order of indexing.

    It ends some seconds before now, so that nothing can appear behind the cursor. An article that changes again moves to the end:
    take each as its newest state, by `revision` and then `enrichment`; the same state may come twice.
    """
    after = _place(archive, since)
    page = await archive.fetch_changes(after, size)
    place = page.changes[-1][0] if page.changes else after
    changes = tuple(change for _, change in page.changes)
    return ChangesAnswer(changes=changes, cursor=build_place_cursor(place), is_end=page.is_end)


def _place(archive: Archive, since: str | None) -> Place:
    """Raises InvalidCursor."""
    if not since:
        return BEGINNING
    return place_before(archive.horizon_ms()) if since == "now" else parse_place_cursor(since)
