"""Fetches highlights of the articles that are shown, see `core.marking`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.search.core.marking import add_marks, build_bodies, build_marks, find_unmarked, parse_bodies, parse_marks
from services.search.core.query_tree import Query

Json = dict[str, Any]


async def fetch_marked(ask: Callable[[Json], Awaitable[Json]], query: Query | None, hits: Sequence[Json]) -> list[Any]:
    """The hits with their highlights. Raises what `ask` does."""
    if not hits:
        return []
    marks = parse_marks(await ask(build_marks(query, hits)))
    unmarked = find_unmarked(marks)
    bodies = parse_bodies(await ask(build_bodies(unmarked))) if unmarked else {}
    return add_marks(query, hits, marks, bodies)
