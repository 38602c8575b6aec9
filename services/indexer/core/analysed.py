"""What Elasticsearch says of terms → the form in which conditions are judged. Before this: `services.indexer.terms`."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.indexer.core.conditions import NAMES, ArticleTerms, Positions

_FOLDED = "folded."


def parse_article_terms(document: Mapping[str, Any], vectors: Mapping[str, Any]) -> ArticleTerms:
    """An article from its document and the answer of `_mtermvectors` for its texts."""
    own: dict[str, frozenset[str]] = {}
    folded: dict[str, frozenset[str]] = {}
    for field, vector in vectors.items():
        terms = frozenset(vector["terms"])
        if field.startswith(_FOLDED):
            folded[field.removeprefix(_FOLDED)] = terms
        else:
            own[field.partition(".")[0]] = terms
    return ArticleTerms(own, folded, {name: _values(document.get(name)) for name in NAMES if document.get(name)})


def _values(value: Any) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def parse_tokens(texts: Sequence[str], tokens: Iterable[Mapping[str, Any]]) -> dict[str, Positions]:
    """The terms of each text, from one answer of `_analyze` for all: offsets (UTF-16) go on from text to text, 1 apart."""
    starts, start = [], 0
    for text in texts:
        starts.append(start)
        start += len(text.encode("utf-16-le")) // 2 + 1
    terms: list[dict[int, set[str]]] = [{} for _ in texts]
    for token in tokens:
        number = bisect_right(starts, token["start_offset"]) - 1
        terms[number].setdefault(token["position"], set()).add(token["token"])
    return {
        text: tuple(tuple(sorted(found[position])) for position in sorted(found)) for text, found in zip(texts, terms, strict=True)
    }
