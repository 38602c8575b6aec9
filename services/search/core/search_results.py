"""What Elasticsearch answered to a search → one page of hits with what stands beside it.

Before this: `services.search.reading`, which fetched it. After it: `answers`, what is handed out.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.search.core.answers import (
    AlsoIn,
    Facets,
    FacetValue,
    Histogram,
    HistogramBucket,
    Hit,
    OtherArticle,
    SearchAnswer,
)
from services.search.core.cursors import Place
from services.search.core.paging import Page, build_page_cursor, next_page
from services.search.core.parameters import SearchParameters, Sort
from services.search.core.plain_texts import plain_document
from services.search.core.queries import MOST_COUNTED
from services.search.core.relevance import explain_score
from services.search.core.results import Json, parse_hit
from services.search.core.search_body import ALSO_IN, COMMENTED, FACETS


def build_search_answer(
    answer: Json, parameters: SearchParameters, page: Page, key: bytes, looked_until: Place | None = None
) -> SearchAnswer:
    """One page of hits, and the cursor to the next when there is one, signed with the key; `looked_until` as in `next_page`."""
    found = answer["hits"]["hits"]
    following = next_page(page, parameters.size, found, looked_until)
    total = answer["hits"]["total"]
    return SearchAnswer(
        total=min(total["value"], MOST_COUNTED),
        total_is_exact=total["relation"] == "eq",
        is_relaxed=page.is_relaxed,
        hits=tuple(_parse_hit(hit, parameters, page) for hit in found[: parameters.size]),
        facets=_parse_facets(answer["aggregations"]) if parameters.facets else None,
        cursor=None if following is None else build_page_cursor(key, parameters.fingerprint, following),
    )


def count_found(answer: Json) -> int:
    """How many articles fit, as far as they are counted."""
    total: int = answer["hits"]["total"]["value"]
    return total


def _parse_hit(hit: Json, parameters: SearchParameters, page: Page) -> Hit:
    is_highlighted = parameters.highlight and parameters.wants("highlights")
    if not parameters.explain or parameters.order != Sort.RELEVANCE:
        return parse_hit(hit, is_highlighted=is_highlighted)
    date = datetime.fromtimestamp(hit["sort"][1] / 1000, UTC)
    parts = explain_score(hit["_score"], date, hit["_source"].get("views") or 0, page.as_of_seconds)
    return parse_hit(hit, is_highlighted=is_highlighted, explanation=parts)


def _parse_facets(aggregations: Json) -> Facets:
    counted: dict[str, Any] = {name: _parse_values(aggregations[name].get("values", aggregations[name])) for name in FACETS}
    return Facets(**counted, has_comments=aggregations[COMMENTED]["doc_count"])


def _parse_values(terms: Json) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value=bucket["key"], count=bucket["doc_count"]) for bucket in terms["buckets"])


def parse_span(answer: Json) -> tuple[float, float] | None:
    """When the first and the last of the found articles are from, in ms of Unix time; None when unknown."""
    span = answer.get("aggregations", {}).get("span")
    if span is None or span["first"]["value"] is None:
        return None
    return span["first"]["value"], span["last"]["value"]


#: The beginning of the year 1: the first bucket of very old articles may begin before it, which no time can say.
_FIRST_MS = -62_135_596_800_000


def parse_histogram(answer: Json, interval: str) -> Histogram:
    """The found articles by time."""
    buckets = answer["aggregations"]["time"]["buckets"]
    return Histogram(
        interval=interval,
        buckets=tuple(
            HistogramBucket(start=datetime.fromtimestamp(max(bucket["key"], _FIRST_MS) / 1000, UTC), count=bucket["doc_count"])
            for bucket in buckets
        ),
    )


def add_also_in(hits: Sequence[Hit], answer: Json) -> tuple[Hit, ...]:
    """The hits, each with the other articles of its story."""
    stories = {bucket["key"]: bucket for bucket in answer["aggregations"]["stories"]["buckets"]}
    return tuple(
        hit.model_copy(update={"also_in": _parse_also_in(stories[hit.story_id], hit.article_id)})
        if hit.story_id in stories
        else hit
        for hit in hits
    )


def _parse_also_in(story: Mapping[str, Any], article_id: str) -> AlsoIn | None:
    sources = (hit["_source"] for hit in story["newest"]["hits"]["hits"])
    others = [OtherArticle.model_validate(plain_document(each)) for each in sources if each["article_id"] != article_id]
    return AlsoIn(count=story["doc_count"] - 1, articles=tuple(others[:ALSO_IN])) if others else None
