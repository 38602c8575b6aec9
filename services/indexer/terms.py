"""Asks Elasticsearch for the terms that its analyzers make: of articles, and of the words of saved searches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from services.indexer.core.analysed import parse_article_terms, parse_tokens
from services.indexer.core.conditions import ArticleTerms, Positions
from services.indexer.core.derived import TEXTS
from shared.elastic import failure_of
from shared.failures import Unavailable

_ARTICLES_AT_ONCE = 100
#: Elasticsearch makes 10,000 terms at most of one request (`index.analyze.max_token_count`), and a character is at most two terms.
_CHARACTERS_AT_ONCE = 4_000
_ANSWER = "docs.term_vectors.*.terms,docs.error,docs.found,docs._index"
_WITH_POSITIONS: dict[str, Any] = {"positions": True, "offsets": False, "payloads": False, "field_statistics": False}


def fetch_article_terms(client: Elasticsearch, index: str, documents: Sequence[Mapping[str, Any]]) -> list[ArticleTerms]:
    """The terms of articles, which need not be in any index, as one analyses them. Raises Unavailable and Misconfigured."""
    found: list[ArticleTerms] = []
    for first in range(0, len(documents), _ARTICLES_AT_ONCE):
        some = documents[first : first + _ARTICLES_AT_ONCE]
        asked = [{"doc": {name: each[name] for name in (*TEXTS, "folded") if each.get(name)}} for each in some]
        try:
            answer = client.mtermvectors(
                index=index,
                docs=asked,
                filter_path="docs.term_vectors.*.terms,docs.error,docs.found,docs._index",
                **_WITH_POSITIONS,
            ).body
        except (ApiError, TransportError) as error:
            raise failure_of(error, "analysing articles") from error
        docs = answer.get("docs", [])
        if len(docs) != len(some) or any("error" in doc for doc in docs):
            raise Unavailable(f"Elasticsearch did not analyse {len(some)} articles: {str(docs)[:300]}")
        found += [parse_article_terms(document, doc.get("term_vectors", {})) for document, doc in zip(some, docs, strict=True)]
    return found


def fetch_positions(client: Elasticsearch, index: str, field: str, texts: Iterable[str]) -> dict[str, Positions]:
    """What the analyzer of a field of an index makes of texts. Raises Unavailable and Misconfigured."""
    found: dict[str, Positions] = {}
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > _CHARACTERS_AT_ONCE:
            found |= _analyse(client, index, field, batch)
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    return found | _analyse(client, index, field, batch) if batch else found


def _analyse(client: Elasticsearch, index: str, field: str, texts: Sequence[str]) -> dict[str, Positions]:
    try:
        tokens = client.indices.analyze(index=index, field=field, text=list(texts)).body["tokens"]
    except (ApiError, TransportError) as error:
        raise failure_of(error, "analysing words of saved searches") from error
    return parse_tokens(texts, tokens)
