"""Searches of whose stories only the first article is wanted, asked for in rounds, see `core.collapsing`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.search.core.collapsing import (
    MOST_ROUNDS,
    build_first_round,
    build_next_round,
    choose_firsts,
    parse_firsts,
    stories_of,
)
from services.search.core.cursors import Place
from services.search.core.paging import Page
from services.search.core.parameters import SearchParameters
from services.search.core.search_body import build_firsts, build_search

Json = dict[str, Any]


async def fetch_collapsed(
    ask: Callable[[Json], Awaitable[Json]], parameters: SearchParameters, fields: Sequence[str], page: Page
) -> tuple[Json, Place | None]:
    """What Elasticsearch would answer to `build_search`, had it collapsed: one hit more than asked for where there is a next page.

    And the place until which was looked, where that was given up before there were enough hits. Raises what `ask` does.
    """
    search = build_search(parameters, fields, page)
    body, seen, found = build_first_round(search), set[str](), list[Json]()
    answer: Json = {}
    for _ in range(MOST_ROUNDS):
        asked = await ask(body)
        answer = answer or asked
        hits = asked["hits"]["hits"]
        stories = stories_of(hits)
        firsts = parse_firsts(await ask(build_firsts(parameters, fields, page, sorted(stories)))) if stories else {}
        found += choose_firsts(hits, firsts)
        if len(found) > parameters.size or len(hits) < body["size"]:
            return _with_hits(answer, found[: parameters.size + 1]), None
        seen |= stories
        body = build_next_round(search, seen, hits[-1]["sort"])
    return _with_hits(answer, found), tuple(hits[-1]["sort"])


def _with_hits(answer: Json, hits: list[Json]) -> Json:
    return {**answer, "hits": {**answer["hits"], "hits": hits}}
