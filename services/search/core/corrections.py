"""Did you mean: words of a query corrected by what stands in headlines.

Elasticsearch's term suggester says which words that articles have are written nearly as one that was typed, and are used more. Only
the search for them tells whether they make sense together, see `services.search.reading`.
"""

from collections.abc import Mapping
from typing import Any

from services.search.core.query_tree import Phrase, Query, Word, count_terms, is_text, leaves_of

#: Where more than so many articles were found, the words were probably right.
FEW_FOUND = 3
_SHORTEST_WORD = 4


def _correctable(query: Query) -> list[Word]:
    return [
        leaf
        for leaf in leaves_of(query)
        if is_text(leaf) and not isinstance(leaf, Phrase) and len(leaf.text) >= _SHORTEST_WORD and count_terms(leaf.text) == 1
    ]


def build_suggestions(query: Query) -> dict[str, Any] | None:
    """A body that asks for corrections of each word; None when there is no word to correct."""
    words = _correctable(query)
    if not words:
        return None
    term = {"field": "words", "suggest_mode": "popular", "size": 1, "prefix_length": 1, "min_word_length": _SHORTEST_WORD}
    return {"size": 0, "suggest": {str(word.position): {"text": word.text, "term": term} for word in words}}


def correct(q: str, query: Query, answer: Mapping[str, Any]) -> str | None:
    """The query as it was typed but for its corrected words; None when none is."""
    corrected, end = [], 0
    for word in _correctable(query):
        option = _best_option(answer["suggest"].get(str(word.position), []))
        if option is not None:
            corrected += [q[end : word.position], _as_typed(option, word.text)]
            end = word.position + len(word.text)
    return "".join([*corrected, q[end:]]) if corrected else None


def _best_option(entries: list[Mapping[str, Any]]) -> str | None:
    for entry in entries:
        for option in entry["options"]:
            return str(option["text"])
    return None


def _as_typed(option: str, typed: str) -> str:
    return option.capitalize() if typed[:1].isupper() else option
