"""What Elasticsearch says of terms → the form in which conditions are judged. Before this: `services.indexer.terms`."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.indexer.core.conditions import NAMES, ArticleTerms, Positions, Terms
from shared.events import parse_seconds

_FOLDED = "folded."


def parse_article_terms(document: Mapping[str, Any], vectors: Mapping[str, Any]) -> ArticleTerms:
    """An article from its document and the answer of `_mtermvectors` for its texts."""
    own: dict[str, Terms] = {}
    folded: dict[str, Terms] = {}
    for field, vector in vectors.items():
        terms = {term: [each["position"] for each in found["tokens"]] for term, found in vector["terms"].items()}
        if field.startswith(_FOLDED):
            folded[field.removeprefix(_FOLDED)] = terms
        else:
            own[field.partition(".")[0]] = terms
    names = {name: _values(document.get(name)) for name in NAMES if document.get(name)}
    date = document.get("date")
    return ArticleTerms(own, folded, names, parse_seconds(date) if isinstance(date, str) else None)


def _values(value: Any) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def parse_tokens(texts: Sequence[str], tokens: Iterable[Mapping[str, Any]]) -> dict[str, Positions]:
    """The terms of each text, from one answer of `_analyze` for all: offsets (UTF-16) go on from text to text, 1 apart.

    Not known are those of a text in which a term stands for several words, as synonyms do: a phrase of these is no row.
    """
    starts, start = [], 0
    for text in texts:
        starts.append(start)
        start += len(text.encode("utf-16-le")) // 2 + 1
    terms: list[dict[int, set[str]]] = [{} for _ in texts]
    unclear: set[int] = set()
    for token in tokens:
        number = bisect_right(starts, token["start_offset"]) - 1
        terms[number].setdefault(token["position"], set()).add(token["token"])
        if token.get("positionLength", 1) != 1:
            unclear.add(number)
    return {text: None if number in unclear else _in_order(terms[number]) for number, text in enumerate(texts)}


def _in_order(terms: Mapping[int, Iterable[str]]) -> Positions:
    first = min(terms, default=0)
    return tuple((position - first, tuple(sorted(terms[position]))) for position in sorted(terms))
