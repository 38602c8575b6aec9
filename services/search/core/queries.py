"""Request → Elasticsearch body, for all that is asked but searches (`search_body`). Bodies are made of typed values only.

Before this: `parameters`. After it: `services.search.reading` sends the body, `results` reads the answer. Every body that reads
articles filters tombstones.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.search.core.answers import Article
from services.search.core.cursors import Place
from services.search.core.parameters import PopularFilters
from shared.indices import PUBLISHED, language_field
from shared.popularity import Measure, Window

Body = dict[str, Any]

#: What surrounds a match in a highlight; `results` turns them into `<mark>`. Private-use characters, so that no HTML is mistaken.
MARK_START, MARK_END = "\ue000", "\ue001"
#: Totals above this are counted no further.
MOST_COUNTED = 10_000
#: What a summary of an article is made of.
SUMMARY_FIELDS = (
    *("article_id", "revision", "headline", "description", "url", "authors", "publisher", "section", "language", "image_url"),
    *("date", "date_published", "date_modified", "date_retrieved", "story_id"),
)

IS_PUBLISHED: Body = {"term": {"status": PUBLISHED}}
BY_DATE: list[Body] = [{"date": "desc"}, {"article_id": "asc"}]
BY_RELEVANCE: list[Body] = [{"_score": "desc"}, *BY_DATE]
_BY_TIME: list[Body] = [{"time": "desc"}, {"comment_id": "asc"}]
_MOST_ANALYSED_CHARACTERS = 100_000  # of one field for highlights; more would be an error above the index's own limit
_PASSAGE = {"fragment_size": 160, "no_match_size": 220}
_EVERYTHING: Mapping[str, Body] = {"headline.*": {}, "body.*": {}}  # what the query asks for, in whatever language
_RELATED_ENTITIES = 12
_RELATED_KEYWORDS = 10
_RELATED_CHARACTERS = 400
_RELATED_BESIDE = 20
_FRONT_SIZE = 80


def build_highlight(fragments: int, marked: Mapping[str, Body] = _EVERYTHING) -> Body:
    """Headlines with what was searched for, and so many passages of bodies.

    Args:
        fragments: how many passages.
        marked: fields whose name begins with `headline.` or `body.`, each with what is asked of it beside that.
    """
    shapes: Mapping[str, Body] = {"headline": {"number_of_fragments": 0}, "body": {"number_of_fragments": fragments, **_PASSAGE}}
    return {
        "pre_tags": [MARK_START],
        "post_tags": [MARK_END],
        "max_analyzed_offset": _MOST_ANALYSED_CHARACTERS,
        "fields": {field: {**shapes[field.partition(".")[0]], **own} for field, own in marked.items()},
    }


def build_article(article_id: str) -> Body:
    """The newest revision of an article, or its tombstone."""
    return {"query": {"bool": {"filter": {"term": {"article_id": article_id}}}}, "sort": [{"revision": "desc"}], "size": 1}


def build_related(article: Article, size: int) -> Body:
    """Articles that share whom and what this one is about, or its telling words; not the same story.

    What is rare weighs more (BM25). The words are those of the headline and the keywords that enrich found: to compare whole texts,
    as `more_like_this` does, takes long. More are asked for than are shown, by score alone, which lets Elasticsearch pass over
    most; `results` sorts equal ones by date.
    """
    unwanted: list[Body] = [{"term": {"article_id": article.article_id}}]
    if article.story_id is not None:
        unwanted.append({"term": {"story_id": article.story_id}})
    entities = sorted(article.entities, key=lambda entity: -entity.count)[:_RELATED_ENTITIES]
    told: list[Body] = [{"term": {"entity_names": {"value": entity.name, "boost": 2}}} for entity in entities]
    told += [{"term": {"keywords_found": word}} for word in article.keywords_found[:_RELATED_KEYWORDS]]
    telling = " ".join(article.keywords_found[:_RELATED_KEYWORDS]) or (article.description or article.body)[:_RELATED_CHARACTERS]
    language = language_field(article.language)
    fields = [f"headline.{language}", f"body.{language}"]
    told.append({"multi_match": {"query": f"{article.headline} {telling}", "fields": fields, "boost": 0.5}})
    return {
        "query": {"bool": {"should": told, "minimum_should_match": 1, "filter": [IS_PUBLISHED], "must_not": unwanted}},
        "size": size + _RELATED_BESIDE,
        "track_total_hits": False,
        "_source": list(SUMMARY_FIELDS),
    }


def build_comments(article_id: str | None, size: int, after: Place | None) -> Body:
    """Comments on an article, or on all, newest first."""
    body: Body = {
        "query": {"bool": {"filter": [] if article_id is None else [{"term": {"article_id": article_id}}]}},
        "sort": _BY_TIME,
        "size": size,
        "track_total_hits": False,
    }
    if after is not None:
        body["search_after"] = list(after)
    return body


def build_lists(measure: Measure, window: Window, group_ids: Iterable[str] = (), within_days: int | None = None) -> Body:
    """The parts of a Most Popular list, one from each partition: of all articles, and of groups of them.

    With `within_days`, also those of the articles of the last so many days, or of more.
    """
    conditions: list[Body] = [{"term": {"measure": measure}}, {"term": {"window": window}}]
    conditions.append(_missing_or("group", [{"terms": {"group": sorted(group_ids)}}]))
    conditions.append(_missing_or("fresh_days", [{"range": {"fresh_days": {"gte": within_days}}}] if within_days else []))
    return {"query": {"bool": {"filter": conditions}}, "size": 1000}


def _missing_or(field: str, others: list[Body]) -> Body:
    return {"bool": {"should": [{"bool": {"must_not": {"exists": {"field": field}}}}, *others], "minimum_should_match": 1}}


def build_summaries(article_ids: Sequence[str], filters: PopularFilters) -> Body:
    """The published ones of some articles, in no order."""
    conditions: list[Body] = [IS_PUBLISHED, {"terms": {"article_id": list(article_ids)}}]
    conditions += _any_of("language", filters.language) + _any_of("section", filters.section)
    conditions += _any_of("publisher", filters.publisher)
    if filters.published_within_days is not None:
        conditions.append({"range": {"date": {"gte": f"now-{filters.published_within_days}d"}}})
    if filters.exclude:
        conditions.append({"bool": {"must_not": {"terms": {"article_id": list(filters.exclude)}}}})
    return {
        "query": {"bool": {"filter": conditions}},
        "size": len(article_ids),
        "track_total_hits": False,
        "_source": list(SUMMARY_FIELDS),
    }


def _any_of(field: str, values: Iterable[str]) -> list[Body]:
    return [{"terms": {field: list(values)}}] if values else []


def build_headlines(size: int) -> Body:
    """The newest articles."""
    return {
        "query": {"bool": {"filter": [IS_PUBLISHED]}},
        "sort": BY_DATE,
        "size": size,
        "track_total_hits": False,
        "_source": list(SUMMARY_FIELDS),
    }


def build_latest() -> Body:
    """The newest articles, enough to fill a front page, each with the beginning of its text."""
    return {**build_headlines(_FRONT_SIZE), "highlight": build_highlight(1)}


def build_overview() -> Body:
    """The sections that hold most articles, and all languages that there are articles in."""
    return {
        "query": {"bool": {"filter": [IS_PUBLISHED]}},
        "aggs": {
            "section": {"terms": {"field": "section", "size": 12}},
            "language": {"terms": {"field": "language", "size": 500}},
        },
        "size": 0,
        "track_total_hits": False,
    }
