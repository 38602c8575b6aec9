"""Who else tells the story of an article, and in which other languages the article itself is to be had: request and answer."""

from dataclasses import dataclass
from typing import Any

from services.search.core.answers import Article, ArticleSummary
from services.search.core.languages import language_name
from services.search.core.plain_texts import plain_document
from services.search.core.queries import BY_RELEVANCE, IS_PUBLISHED, SUMMARY_FIELDS, Body

#: More articles are not asked for: stories of many tellers have pages of their own.
_SIZE = 40
_MOST_TOLD = 8
_VERSION, _STORY = "version", "story"


@dataclass(frozen=True)
class OtherVersions:
    """Other articles of the story, one of each publisher, newest first; and versions, one of each other language, by its name."""

    also_in: tuple[ArticleSummary, ...] = ()
    translations: tuple[ArticleSummary, ...] = ()


def build_other_versions(article: Article) -> Body:
    """The articles of the same story, and those that translate the article, or the same original, and that original."""
    original = article.translation_of or article.article_id
    translated = [_named(_VERSION, {"article_id": original}), _named(_VERSION, {"translation_of": original})]
    if original != article.article_id:
        translated.append(_named(_VERSION, {"translation_of": article.article_id}))
    should = [_constant(2, translated)]  # versions first: a story may have more articles than are asked for
    if article.story_id is not None:
        should.append(_constant(1, [_named(_STORY, {"story_id": article.story_id})]))
    return {
        "query": {
            "bool": {
                "should": should,
                "minimum_should_match": 1,
                "filter": [IS_PUBLISHED],
                "must_not": [{"term": {"article_id": article.article_id}}],
            }
        },
        "sort": BY_RELEVANCE,
        "size": _SIZE,
        "track_total_hits": False,
        "_source": list(SUMMARY_FIELDS),
    }


def _constant(boost: int, should: list[Body]) -> Body:
    return {"constant_score": {"filter": {"bool": {"should": should}}, "boost": boost}}


def _named(name: str, term: dict[str, str]) -> Body:
    ((field, value),) = term.items()
    return {"term": {field: {"value": value, "_name": f"{name}.{field}"}}}


def parse_other_versions(answer: dict[str, Any], article: Article) -> OtherVersions:
    """What was found, told apart."""
    translations: dict[str, ArticleSummary] = {}
    told: dict[str, ArticleSummary] = {}
    for hit in answer["hits"]["hits"]:
        found = ArticleSummary.model_validate(plain_document(hit["_source"]))
        if any(name.startswith(_VERSION) for name in hit.get("matched_queries", ())) and found.language != article.language:
            translations.setdefault(found.language, found)
        else:
            told.setdefault(found.publisher or found.article_id, found)
    return OtherVersions(
        also_in=tuple(told.values())[:_MOST_TOLD],
        translations=tuple(sorted(translations.values(), key=lambda other: language_name(other.language).casefold())),
    )
