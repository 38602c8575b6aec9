"""Where what was searched for stands in the articles of a page: highlights, asked for beside what else a page needs.

They are asked for once it is known which articles are shown: only those are looked at, and only in the languages that they are in.

Before this: `search_body`, whose hits these are. After it: `results`, which makes HTML of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.search.core.queries import Body, build_highlight
from services.search.core.query_compiler import compile_marked
from services.search.core.query_tree import Query
from services.search.core.spellings import cut_passages, has_marks, mark_spellings, wanted_in
from shared.indices import language_field

Json = Mapping[str, Any]

#: Passages of the body that are shown.
_PASSAGES = 2
_FOLDED = "folded.body"


def build_marks(query: Query | None, hits: Sequence[Json]) -> Body:
    """The highlights of hits."""
    fields = sorted({_field_of(hit) for hit in hits})
    marked = {
        name: {} if query is None else {"highlight_query": compile_marked(query, name)}
        for field in fields
        for name in (f"headline.{field}", f"body.{field}")
    }
    highlight = build_highlight(_PASSAGES, marked)
    if query is not None:
        highlight["fields"][_FOLDED] = {"number_of_fragments": 1, "highlight_query": compile_marked(query, _FOLDED)}
    return {
        "query": {"bool": {"filter": [{"terms": {"article_id": [_id_of(hit) for hit in hits]}}]}},
        "highlight": highlight,
        "size": len(hits),
        "track_total_hits": False,
        "_source": ["article_id"],
    }


def _field_of(hit: Json) -> str:
    return next(iter(hit["_source"]["headline"]), None) or language_field(hit["_source"].get("language"))


def _id_of(hit: Json) -> str:
    return str(hit["_source"]["article_id"])


def parse_marks(answer: Json) -> dict[str, dict[str, list[str]]]:
    """What is marked in each article, by field."""
    return {_id_of(hit): hit.get("highlight", {}) for hit in answer["hits"]["hits"]}


def find_unmarked(marks: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    """The articles whose body has something in another spelling only: nothing is marked there but in the folded text."""
    return sorted(
        article_id for article_id, fragments in marks.items() if _FOLDED in fragments and not any(map(has_marks, _body(fragments)))
    )


def _body(fragments: Mapping[str, list[str]]) -> Iterable[str]:
    return (text for name, texts in fragments.items() if name.startswith("body.") for text in texts)


def build_bodies(article_ids: Sequence[str]) -> Body:
    """The whole texts of articles."""
    conditions = [{"terms": {"article_id": list(article_ids)}}]
    return {
        "query": {"bool": {"filter": conditions}},
        "size": len(article_ids),
        "track_total_hits": False,
        "_source": ["article_id", "body"],
    }


def parse_bodies(answer: Json) -> dict[str, str]:
    """The texts of an answer to `build_bodies`."""
    return {_id_of(hit): next(iter(hit["_source"]["body"].values()), "") for hit in answer["hits"]["hits"]}


def add_marks(
    query: Query | None, hits: Sequence[Json], marks: Mapping[str, Mapping[str, list[str]]], bodies: Mapping[str, str]
) -> list[Json]:
    """The hits, each with its highlights; `bodies`: the texts of those articles in which Elasticsearch could mark nothing."""
    headline, body = wanted_in(query, "headline"), wanted_in(query, "body")
    marked: list[Json] = []
    for hit in hits:
        article_id, field = _id_of(hit), _field_of(hit)
        fragments = marks.get(article_id, {})
        title = fragments.get(f"headline.{field}") or [hit["_source"]["headline"].get(field, "")]
        passages = cut_passages(bodies[article_id], body, _PASSAGES) if article_id in bodies else []
        own = {
            f"headline.{field}": [mark_spellings(text, headline) for text in title],
            f"body.{field}": passages or [mark_spellings(text, body) for text in fragments.get(f"body.{field}", ())],
        }
        marked.append({**hit, "highlight": own})
    return marked
