"""Of each story only the first article, as deep as somebody turns pages.

Elasticsearch collapses what it finds, but then goes on behind no place (`search_after` wants to sort by the collapsed field), and
no further than 1,000 hits from the beginning. So hits are asked for one by one, behind a place as in any search, and an article is
kept if it is the first of its story, which a collapsed search for the stories of these hits alone tells. Nothing needs to be
remembered from page to page.

Before this: `search_body`. After it: `services.search.collapsed`, which asks.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

Json = Mapping[str, Any]
Body = dict[str, Any]
_Hit = TypeVar("_Hit", bound=Json)

#: Hits that are looked at in each round but the first. Stories that were seen are left out, so few of them are looked at in vain.
_LATER_HITS = 300
#: A page is given up after so many rounds: it then has fewer hits than were asked for, and a cursor.
MOST_ROUNDS = 8


def build_first_round(search: Body) -> Body:
    """The search for twice as many hits as are wanted."""
    return {**search, "size": 2 * search["size"]}


def build_next_round(search: Body, seen: Collection[str], after: Sequence[Any]) -> Body:
    """The search for hits behind a place of other stories than those that were seen; counts nothing."""
    others = {"bool": {"must_not": [{"terms": {"story_id": sorted(seen)}}]}}
    chosen = [search["post_filter"]] if "post_filter" in search else []
    more = {"post_filter": {"bool": {"filter": [*chosen, others]}}, "search_after": list(after), "size": _LATER_HITS}
    return {**{name: part for name, part in search.items() if name != "aggs"}, **more, "track_total_hits": False}


def stories_of(hits: Sequence[Json]) -> set[str]:
    """The stories that hits are of."""
    return {story for hit in hits if (story := hit["_source"].get("story_id")) is not None}


def parse_firsts(answer: Json) -> dict[str, str]:
    """Stories, each with the id of the article that comes first."""
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return {source["story_id"]: source["article_id"] for source in sources}


def choose_firsts(hits: Sequence[_Hit], firsts: Mapping[str, str]) -> list[_Hit]:
    """Those that are the first of their story, and those that are of none."""
    return [hit for hit in hits if _is_first(hit["_source"], firsts)]


def _is_first(source: Json, firsts: Mapping[str, str]) -> bool:
    story = source.get("story_id")
    return story is None or firsts.get(story) == source["article_id"]
