"""The revisions of an article, and what changed from each to the next.

Before this: `services.search.archive`, which fetched them from the aliases `revisions` (superseded ones) and `articles` (the
newest). After it: the API and the page that show them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from pydantic import Field, JsonValue

from services.search.core.answers import Article
from services.search.core.differences import Difference, Op, compare_texts
from services.search.core.plain_texts import TEXTS, plain_document
from shared.articles import Frozen, UTCTime

Body = dict[str, Any]
Json = Mapping[str, Any]

#: More are not compared in one answer; the indexer keeps fewer (`indexer.kept_revisions`).
MOST_REVISIONS = 100
#: Fields whose old and new values are told.
FIELDS = (
    *("url", "authors", "publisher", "section", "breadcrumb", "keywords", "language", "image_url", "date_published"),
    *("date_modified", "translation_of", "correction", "paywalled", "truncated", "related_links"),
)
#: So much is shown on both sides of a change where a diff is shortened.
_CONTEXT = 120


class Segment(Frozen):
    """A part of a text. Equal and deleted parts together are the older text, equal and inserted ones the newer."""

    op: Op
    text: str
    omitted: int = Field(default=0, description="how many characters are left out where its `…` stands")


class TextChange(Frozen):
    """How a text changed, in its order."""

    field: str = Field(examples=["headline"], description="`headline`, `description` or `body`")
    segments: tuple[Segment, ...]


class FieldChange(Frozen):
    """A field with another value than before; `entities` are compared by their names."""

    field: str = Field(examples=["section"])
    old: JsonValue
    new: JsonValue


class Changes(Frozen):
    """What changed since an older revision; both lists are empty where nothing that is compared did."""

    since_revision: int
    fields: tuple[FieldChange, ...]
    texts: tuple[TextChange, ...]


class Revision(Frozen):
    """An article as it once stood, or stands."""

    revision: int
    enrichment: int
    is_current: bool
    headline: str
    date_published: UTCTime | None = None
    date_modified: UTCTime | None = Field(default=None, description="when it was changed, as its publisher says")
    date_retrieved: UTCTime | None = Field(default=None, description="when ingest got this revision")
    date_superseded: UTCTime | None = Field(default=None, description="when the next one came; null for the current one")
    changes: Changes | None = Field(default=None, description="since the one that follows in the list; null for the last")


class RevisionsAnswer(Frozen):
    """Revisions of an article, newest first."""

    article_id: str
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class Known:
    """A revision that is known: the article as it stood, and when the next one came."""

    article: Article
    date_superseded: datetime | None = None


def build_superseded(article_id: str) -> Body:
    """The superseded revisions of an article that are kept, newest first."""
    return {
        "query": {"bool": {"filter": [{"term": {"article_id": article_id}}]}},
        "sort": [{"revision": "desc"}, {"enrichment": {"order": "desc", "unmapped_type": "short"}}],
        "size": MOST_REVISIONS,
        "track_total_hits": False,
    }


def build_superseded_count(article_id: str) -> Body:
    """Whether an article has superseded revisions: its total is above 0."""
    return {"query": {"bool": {"filter": [{"term": {"article_id": article_id}}]}}, "size": 0, "track_total_hits": 1}


def parse_superseded(answer: Json) -> tuple[Known, ...]:
    """The superseded revisions of an answer, in its order."""
    return tuple(_parse(hit["_source"]) for hit in answer["hits"]["hits"])


def _parse(source: Json) -> Known:
    superseded = source.get("date_superseded")
    article = Article.model_validate(plain_document(source["content"]))
    return Known(article, None if superseded is None else datetime.fromisoformat(superseded))


def list_revisions(current: Article, superseded: Iterable[Known]) -> list[Known]:
    """All revisions, newest first; of several documents of one revision the newest enrichment."""
    newest = {current.revision: Known(current)}
    for found in superseded:
        known = newest.setdefault(found.article.revision, found)
        if known.article is not current and known.article.enrichment < found.article.enrichment:
            newest[found.article.revision] = found
    return sorted(newest.values(), key=lambda known: -known.article.revision)


def compare_revisions(revisions: Sequence[Known], current: Article, *, is_shortened: bool) -> RevisionsAnswer:
    """What changed from each revision to the next.

    Args:
        revisions: as `list_revisions` has them, newest first, at least one.
        current: the newest revision that there is.
        is_shortened: whether long parts in which nothing changed are cut down to what stands next to a change.
    """
    changes: list[Changes | None] = [
        _compare(old.article, new.article, is_shortened=is_shortened) for new, old in pairwise(revisions)
    ]
    return RevisionsAnswer(
        article_id=current.article_id,
        revisions=tuple(
            Revision(
                revision=known.article.revision,
                enrichment=known.article.enrichment,
                is_current=known.article.revision == current.revision,
                headline=known.article.headline,
                date_published=known.article.date_published,
                date_modified=known.article.date_modified,
                date_retrieved=known.article.date_retrieved,
                date_superseded=known.date_superseded,
                changes=change,
            )
            for known, change in zip(revisions, [*changes, None], strict=True)
        ),
    )


def _compare(old: Article, new: Article, *, is_shortened: bool) -> Changes:
    texts = [(name, getattr(old, name) or "", getattr(new, name) or "") for name in TEXTS]
    return Changes(
        since_revision=old.revision,
        fields=tuple(_changed_fields(old, new)),
        texts=tuple(
            TextChange(
                field=name, segments=tuple(_segment(part, is_shortened=is_shortened) for part in compare_texts(before, after))
            )
            for name, before, after in texts
            if before != after
        ),
    )


def _changed_fields(old: Article, new: Article) -> Iterator[FieldChange]:
    before, after = _values(old), _values(new)
    for name in before:
        if before[name] != after[name]:
            yield FieldChange(field=name, old=before[name], new=after[name])


def _values(article: Article) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = article.model_dump(mode="json", include=set(FIELDS))
    return {name: values[name] for name in FIELDS} | {"entities": [entity.name for entity in article.entities]}


def _segment(part: Difference, *, is_shortened: bool) -> Segment:
    omitted = len(part.text) - 2 * _CONTEXT
    if not is_shortened or part.op is not Op.EQUAL or omitted <= _CONTEXT:
        return Segment(op=part.op, text=part.text)
    return Segment(op=part.op, text=f"{part.text[:_CONTEXT]}…{part.text[-_CONTEXT:]}", omitted=omitted)
