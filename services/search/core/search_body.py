"""Search → Elasticsearch body: what is found, in which order, with which counts beside it.

Before this: `parameters`. After it: `services.search.reading` sends the body, `search_results` reads the answer.
"""

from collections.abc import Sequence
from math import ceil

from services.search.core.asked_times import Bound
from services.search.core.paging import Page
from services.search.core.parameters import SearchFilters, SearchParameters, Sort
from services.search.core.queries import (
    BY_DATE,
    BY_RELEVANCE,
    IS_PUBLISHED,
    MOST_COUNTED,
    SUMMARY_FIELDS,
    Body,
)
from services.search.core.query_compiler import compile_query, compile_relaxed
from services.search.core.relevance import build_scored

#: Facets: the field that each counts, and how many of its values are listed.
FACETS: dict[str, tuple[str, int]] = {
    "language": ("language", 50),
    "section": ("section", 30),
    "publisher": ("publisher", 20),
    "entity": ("entity_names", 20),
    "author": ("authors", 20),
    "keyword": ("keywords_found", 20),
    "story": ("story_id", 10),
}
COMMENTED = "has_comments"
#: A story that one article tells is nothing to narrow a search down to.
_FEWEST = {"story": 2}
_HAS_COMMENTS: Body = {"range": {"comments": {"gte": 1}}}
_BY_POPULARITY: list[Body] = [{"views": {"order": "desc", "missing": 0, "unmapped_type": "integer"}}, *BY_DATE]
_ORDERS = {Sort.RELEVANCE: BY_RELEVANCE, Sort.DATE: BY_DATE, Sort.POPULARITY: _BY_POPULARITY}
#: As many other articles of a story are listed.
ALSO_IN = 5

#: Lengths of the spans of a histogram, shortest first, with their seconds, at least.
_INTERVALS = (("1h", 3_600), ("1d", 86_400), ("1w", 604_800), ("1M", 28 * 86_400), ("1q", 90 * 86_400), ("1y", 365 * 86_400))
_MOST_BUCKETS = 100


def build_search(parameters: SearchParameters, fields: Sequence[str], page: Page) -> Body:
    """A search; one hit more than asked for tells whether there is a next page.

    A facet counts what all other filters leave, so that its other values can be chosen too. `fields` are the language fields in
    use, see `build_overview`: what is asked of the others would only take time. Raises QueryError.
    """
    chosen = _chosen(parameters)
    order = parameters.order
    body: Body = {
        "query": _query(parameters, fields, page, is_scored=order == Sort.RELEVANCE),
        "sort": _ORDERS[order],
        "size": parameters.size + 1,
        "track_total_hits": MOST_COUNTED,
        "_source": _source(parameters),
    }
    if parameters.facets:
        body["aggs"] = {name: _facet(name, chosen) for name in FACETS} | {COMMENTED: _counted(COMMENTED, chosen, _HAS_COMMENTS)}
    if parameters.histogram and page == Page(page.as_of_seconds):
        body.setdefault("aggs", {})["span"] = _filtered(list(chosen.values()), _SPAN)
    if chosen:
        body["post_filter"] = {"bool": {"filter": list(chosen.values())}}
    if page.place is not None:
        body["search_after"] = list(page.place)
    return body


_SPAN: Body = {"first": {"min": {"field": "date"}}, "last": {"max": {"field": "date"}}}


def _query(parameters: SearchFilters, fields: Sequence[str], page: Page, *, is_scored: bool) -> Body:
    filters = [IS_PUBLISHED, *_date_range(parameters.date_from, parameters.date_to)]
    if parameters.query is None:
        return {"bool": {"filter": filters}}
    compiled = (compile_relaxed if page.is_relaxed else compile_query)(parameters.query, fields)
    if not is_scored:
        return {"bool": {"filter": [compiled, *filters]}}
    return build_scored({"bool": {"must": [compiled], "filter": filters}}, page.as_of_seconds)


def _chosen(parameters: SearchFilters) -> dict[str, Body]:
    """The conditions of the filters, by name."""
    chosen: dict[str, Body] = {
        name: {"terms": {field: list(values)}} for name, (field, _) in FACETS.items() if (values := getattr(parameters, name))
    }
    if parameters.has_comments is not None:
        chosen[COMMENTED] = _HAS_COMMENTS if parameters.has_comments else {"bool": {"must_not": [_HAS_COMMENTS]}}
    return chosen


def _source(parameters: SearchParameters) -> list[str]:
    """What of the documents is read: what is asked for, and what parts of it are made from."""
    if not parameters.fields:
        return [*SUMMARY_FIELDS, *(["views"] if parameters.explain else [])]
    needed = {"article_id", "revision", "headline", "language", "date", *parameters.fields}
    if parameters.collapse:
        needed.add("story_id")
    return [*(name for name in SUMMARY_FIELDS if name in needed), *(["views"] if parameters.explain else [])]


def _date_range(begin: Bound | None, end: Bound | None) -> list[Body]:
    bounds = {name: bound.isoformat() for name, bound in (("gte", begin), ("lte", end)) if bound is not None}
    return [{"range": {"date": bounds}}] if bounds else []


def _facet(name: str, chosen: dict[str, Body]) -> Body:
    field, size = FACETS[name]
    terms: Body = {"field": field, "size": size}
    if name in _FEWEST:
        terms["min_doc_count"] = _FEWEST[name]
    others = _others(name, chosen)
    return _filtered(others, {"values": {"terms": terms}}) if others else {"terms": terms}  # a filter that all pass takes time too


def _counted(name: str, chosen: dict[str, Body], condition: Body) -> Body:
    return {"filter": {"bool": {"filter": [*_others(name, chosen), condition]}}}


def _others(name: str, chosen: dict[str, Body]) -> list[Body]:
    return [condition for other, condition in chosen.items() if other != name]


def _filtered(conditions: list[Body], aggs: Body) -> Body:
    return {"filter": {"bool": {"filter": conditions}}, "aggs": aggs}


def choose_interval(first_ms: float, last_ms: float) -> str:
    """The shortest span of time of which at most 100 hold all from the first to the last: an hour, a day … or days by number."""
    seconds = (last_ms - first_ms) / 1000
    most = _MOST_BUCKETS - 2  # the first and the last may be cut
    return next((name for name, length in _INTERVALS if seconds / length <= most), f"{ceil(seconds / 86_400 / most)}d")


def build_histogram(parameters: SearchParameters, fields: Sequence[str], page: Page, interval: str) -> Body:
    """The found articles by time; `interval` as `choose_interval` chose it."""
    query = _query(parameters, fields, page, is_scored=False)
    is_calendar = interval in dict(_INTERVALS)
    by_time = {"field": "date", "calendar_interval" if is_calendar else "fixed_interval": interval}
    return {
        "query": {"bool": {"filter": [query, *_chosen(parameters).values()]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"time": {"date_histogram": by_time}},
    }


def build_count(parameters: SearchParameters, fields: Sequence[str], page: Page) -> Body:
    """How many articles fit, and nothing else."""
    conditions = [_query(parameters, fields, page, is_scored=False), *_chosen(parameters).values()]
    return {"query": {"bool": {"filter": conditions}}, "size": 0, "track_total_hits": MOST_COUNTED}


def build_firsts(parameters: SearchParameters, fields: Sequence[str], page: Page, story_ids: Sequence[str]) -> Body:
    """Of each of some stories the article that comes first in the order of the search."""
    order = parameters.order
    query = _query(parameters, fields, page, is_scored=order == Sort.RELEVANCE)
    conditions = [{"terms": {"story_id": list(story_ids)}}, *_chosen(parameters).values()]
    return {
        "query": {"bool": {"must": [query], "filter": conditions}},
        "sort": _ORDERS[order],
        "collapse": {"field": "story_id"},
        "size": len(story_ids),
        "track_total_hits": False,
        "_source": ["article_id", "story_id"],
    }


def build_also_in(story_ids: Sequence[str]) -> Body:
    """How many articles each of some stories has, and the newest of them."""
    newest = {"size": ALSO_IN + 1, "sort": BY_DATE, "_source": ["article_id", "headline", "publisher", "language", "url"]}
    return {
        "query": {"bool": {"filter": [IS_PUBLISHED, {"terms": {"story_id": list(story_ids)}}]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"stories": {"terms": {"field": "story_id", "size": len(story_ids)}, "aggs": {"newest": {"top_hits": newest}}}},
    }
