"""Elasticsearch answer → response. What is not complete is not an answer (failure-modes F23).

Before this: `services.search.reading`, which fetched it. After it: `answers`, what is handed out.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.search.core.answers import (
    Article,
    ArticleSummary,
    Comment,
    Explanation,
    Highlights,
    Hit,
    PopularEntry,
    Tombstone,
)
from services.search.core.plain_texts import plain_document
from services.search.core.popular import Place
from services.search.core.queries import MARK_END, MARK_START
from shared.indices import OTHER_LANGUAGE, RETRACTED, language_field
from shared.popularity import Measure, PopularityRanked

Json = Mapping[str, Any]

_MARKS = re.compile(f"([{MARK_START}{MARK_END}])")


def find_gap(answer: Json) -> str | None:
    """Why an answer is not complete; None when it is."""
    if answer.get("timed_out"):
        return f"the search took longer than Elasticsearch was given (after {answer.get('took')} ms)"
    failed = answer.get("_shards", {}).get("failed", 0)
    return f"{failed} of {answer['_shards'].get('total')} shards did not answer" if failed else None


def build_marked_text(highlighted: str) -> str:
    """HTML of a highlight: everything is escaped, then each match gets its `<mark>`; stray markers vanish."""
    parts: list[str] = []
    is_open = False
    for part in _MARKS.split(highlighted):
        if part == MARK_START:
            parts.append("" if is_open else "<mark>")
            is_open = True
        elif part == MARK_END:
            parts.append("</mark>" if is_open else "")
            is_open = False
        else:
            parts.append(html.escape(part))
    return "".join(parts) + ("</mark>" if is_open else "")


def _hits(answer: Json) -> list[Json]:
    found: list[Json] = answer["hits"]["hits"]
    return found


def parse_summaries(answer: Json) -> tuple[ArticleSummary, ...]:
    """The articles of an answer, in its order."""
    return tuple(ArticleSummary.model_validate(plain_document(hit["_source"])) for hit in _hits(answer))


def parse_related(answer: Json, size: int) -> tuple[ArticleSummary, ...]:
    """So many of the articles of an answer, best first; of those that weigh the same, the newest first."""
    weighed = zip((hit["_score"] for hit in _hits(answer)), parse_summaries(answer), strict=True)
    best = sorted(weighed, key=lambda each: (-each[0], -each[1].date.timestamp(), each[1].article_id))
    return tuple(summary for _, summary in best[:size])


def parse_hits(answer: Json) -> tuple[Hit, ...]:
    """The articles of an answer, in its order, with their highlights."""
    return tuple(parse_hit(hit) for hit in _hits(answer))


def parse_hit(hit: Json, *, is_highlighted: bool = True, **more: object) -> Hit:
    """An article that was found, with its highlights when these were asked for, and more fields of it."""
    article = plain_document(hit["_source"])
    highlights = _parse_highlights(hit.get("highlight", {}), article["headline"]) if is_highlighted else None
    return Hit.model_validate({**article, "score": hit.get("_score"), "highlights": highlights, **more})


def _parse_highlights(fragments: Mapping[str, list[str]], headline: str) -> Highlights:
    marked = _marked(fragments, "headline") or (build_marked_text(headline),)
    return Highlights(headline=marked[0], passages=_marked(fragments, "body"))


def _marked(fragments: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    found = [texts for field, texts in sorted(fragments.items()) if field.startswith(f"{name}.")]
    return tuple(build_marked_text(text) for texts in found for text in texts)


@dataclass(frozen=True)
class Overview:
    """What the index holds: its largest sections, the largest first, and the language fields that have text."""

    sections: tuple[str, ...]
    language_fields: tuple[str, ...]


def parse_overview(answer: Json) -> Overview:
    """What the index holds."""
    found = {name: [bucket["key"] for bucket in terms["buckets"]] for name, terms in answer["aggregations"].items()}
    fields = {OTHER_LANGUAGE, *map(language_field, found["language"])}
    return Overview(sections=tuple(found["section"]), language_fields=tuple(sorted(fields)))


def parse_article(answer: Json) -> Article | Tombstone | None:
    """An article, what is left of it, or None when nobody ever published it."""
    for hit in _hits(answer):
        source = hit["_source"]
        return (Tombstone if source["status"] == RETRACTED else Article).model_validate(plain_document(source))
    return None


def parse_comments(answer: Json) -> tuple[Comment, ...]:
    """The comments of an answer, in its order."""
    return tuple(Comment.model_validate(hit["_source"]) for hit in _hits(answer))


def parse_lists(answer: Json) -> tuple[PopularityRanked, ...]:
    """The parts of a Most Popular list."""
    return tuple(PopularityRanked.model_validate(hit["_source"]) for hit in _hits(answer))


def build_entries(
    places: Iterable[Place], articles: Iterable[ArticleSummary], pinned: Sequence[str] = ()
) -> tuple[PopularEntry, ...]:
    """The places of a list, pinned articles first; articles that are not published leave theirs to those behind them."""
    known = {article.article_id: article for article in articles}
    listed = {place.entry.article_id: place.entry for place in places if place.entry.article_id in known}
    on_top = [article_id for article_id in dict.fromkeys(pinned) if article_id in known]
    shown = [*on_top, *(article_id for article_id in listed if article_id not in on_top)]
    return tuple(
        PopularEntry(
            rank=rank,
            count=listed[article_id].count if article_id in listed else 0,
            score=listed[article_id].score if article_id in listed else None,
            is_pinned=article_id in on_top,
            **known[article_id].model_dump(),
        )
        for rank, article_id in enumerate(shown, start=1)
    )


_FORMULAS = {
    Measure.TRENDING: "(count - expected) / sqrt(expected + 1), where expected = section_lift * (views before + 2 * "
    "section_per_hour) / (hours before + 2)",
    Measure.ENGAGED: "engaged seconds in the window, added up; one report of a reader and article in half an hour, of that at most",
    Measure.SHARES: "shares in the window, one of a reader and article on a day",
    Measure.HOT: "views of the last 7 days, each weighing half after every 6 hours",
    Measure.VIEWS_PER_DAY: "count / days of the window that the article was out, at least 1",
}


def explain_entries(entries: Iterable[PopularEntry], places: Iterable[Place]) -> tuple[PopularEntry, ...]:
    """The entries, each with the reason why it stands where it does, where it is listed at all."""
    placed = {place.entry.article_id: place for place in places}
    return tuple(
        entry.model_copy(update={"explanation": _explain(placed[entry.article_id])}) if entry.article_id in placed else entry
        for entry in entries
    )


def _explain(place: Place) -> Explanation:
    entry, part = place.entry, place.part
    return Explanation(
        list_id=part.list_id,
        rank_in_list=part.entries.index(entry) + 1,
        as_of=part.as_of,
        counted_from=part.counted_from,
        counted_until=part.counted_until or part.as_of,
        bucket_minutes=part.bucket_minutes,
        count=entry.count,
        sorted_by=entry.count if entry.score is None else entry.score,
        formula=_FORMULAS.get(part.measure, "count"),
        trend=entry.trend,
    )
