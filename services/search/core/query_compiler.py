"""Tree of a query → Elasticsearch query. Made of typed values only: no scripts, no regular expressions, no wildcards.

Before this: `query_tree`. After it: `search_body`, whose query this is.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from services.search.core.query_dates import Dates
from services.search.core.query_tree import (
    TEXT_FIELDS,
    And,
    Not,
    Or,
    Phrase,
    Query,
    Word,
    count_terms,
    is_text,
    leaves_of,
    wanted_leaves,
)
from shared.folding import fold

Body: TypeAlias = dict[str, Any]

#: A headline says what an article is about, so a word in it weighs most.
BOOSTS = {"headline": 3, "description": 1.5, "body": 1}
#: A word in another spelling than that of the article is a little less sure to be the one that is meant.
_FOLDED_BOOST = 0.9
#: The fields of the index that names are compared with.
_NAMES = {
    "entity": ("entity_names",),
    "section": ("section",),
    "publisher": ("publisher",),
    "author": ("authors",),
    "keyword": ("keywords_found", "keywords"),
    "language": ("language",),
    "story": ("story_id",),
}
_FEWEST_TO_RELAX = 3
#: Of those words that a language indexes, so many may be missing; rounded down.
_MAY_BE_MISSING = "-40%"
#: What a word stands for that a language does not index, such as "the" in English: whatever there is, or nothing.
_Unindexed = Literal["all", "none"]


def can_relax(query: Query | None) -> bool:
    """Whether it is but words, enough of them for most to say what is meant."""
    return isinstance(query, And) and len(_plain_words(query)) == len(query.operands) >= _FEWEST_TO_RELAX


def _plain_words(query: And) -> list[Word]:
    return [part for part in query.operands if isinstance(part, Word) and part.field is None]


def compile_relaxed(query: Query, fields: Sequence[str]) -> Body:
    """What has most of the words of a query that `can_relax`, see `compile_query`; each in whichever of the texts."""
    assert isinstance(query, And)  # noqa: S101 - what can be relaxed is
    text = _plain(" ".join(word.text for word in _plain_words(query)))
    return _any_of([_scoped(_most_of(text, field), field) for field in fields])


def compile_marked(query: Query, field: str) -> Body:
    """What is to be marked in one field of the index (`headline.en`, `folded.body`): those words of a query that it wants there."""
    name = next(part for part in field.split(".") if part in TEXT_FIELDS)
    wanted = [leaf for leaf in wanted_leaves(query) if is_text(leaf) and leaf.field in (None, name) and count_terms(leaf.text)]
    texts = dict.fromkeys(text for leaf in wanted for text in (_plain(leaf.text), fold(_plain(leaf.text))))
    marked: list[Body] = [{"match_phrase": {field: {"query": text}}} for text in texts]
    return _any_of(marked) if marked else {"match_none": {}}


def _most_of(text: str, field: str) -> Body:
    own, folded = _weighted(TEXT_FIELDS, field)
    plain = fold(text)
    asked = [(text, own + folded)] if plain == text else [(text, own), (plain, own + folded)]
    how = {"type": "cross_fields", "minimum_should_match": _MAY_BE_MISSING}
    queries = [{"multi_match": {"query": words, "fields": names, **how}} for words, names in asked]
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries}}


def compile_query(query: Query, fields: Sequence[str]) -> Body:
    """What an article must be to fit.

    One clause a language field in use (`fields`): an analyzer drops the stop words of its language, which would be missed in the
    fields of all others, and "not this word" would be true of every article in another language. What is no text is asked once.

    Args:
        query: its tree.
        fields: names of the language fields that have text, such as `en` and `other`.
    """
    parts = query.operands if isinstance(query, And) else (query,)
    asks_text = [any(is_text(leaf) for leaf in leaves_of(part)) for part in parts]
    texts = [part for part, asks in zip(parts, asks_text, strict=True) if asks]
    others = [clause for part, asks in zip(parts, asks_text, strict=True) if not asks and (clause := _compile(part, "", "none"))]
    found = [_scoped(clause, field) for field in fields if (clause := _all_texts(texts, field))]
    if not found and not others:
        return {"match_none": {}}  # punctuation only
    if not found:
        return {"bool": {"filter": others}}
    return {"bool": {"must": [_any_of(found)], "filter": others}} if others else _any_of(found)


def _all_texts(parts: Sequence[Query], field: str) -> Body | None:
    if len(parts) == 1:
        return _compile(parts[0], field, "none")
    return _all_of(parts, field)


def _scoped(clause: Body, field: str) -> Body:
    """Only articles with text in this field."""
    return {"bool": {"must": [clause], "filter": [{"exists": {"field": f"headline.{field}"}}]}}


def _any_of(clauses: list[Body]) -> Body:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def _compile(query: Query, field: str, unindexed: _Unindexed) -> Body | None:
    """None where there is nothing to search for: `&`, or an empty phrase."""
    match query:
        case Not(operand):
            unwanted = _compile(operand, field, "none")
            return unwanted and {"bool": {"must_not": [unwanted]}}
        case And(operands):
            return _all_of(operands, field)
        case Or(operands):
            either = [found for operand in operands if (found := _compile(operand, field, "none"))]
            return _any_of(either) if either else None
        case Dates():
            return _between(query)
        case Word() | Phrase():
            return _leaf(query, field, unindexed)


def _all_of(parts: Iterable[Query], field: str) -> Body | None:
    wanted = [found for part in parts if not isinstance(part, Not) and (found := _compile(part, field, "all"))]
    negated = [part.operand for part in parts if isinstance(part, Not)]
    unwanted = [found for part in negated if (found := _compile(part, field, "none"))]
    if not wanted and not unwanted:
        return None
    return {"bool": {"must": wanted, "must_not": unwanted} if unwanted else {"must": wanted}}


def _leaf(leaf: Word | Phrase, field: str, unindexed: _Unindexed) -> Body | None:
    text = _plain(leaf.text)
    if leaf.field is not None and leaf.field not in TEXT_FIELDS:
        return _named(_NAMES[leaf.field], text) if text else None
    return _text(text, TEXT_FIELDS if leaf.field is None else (leaf.field,), field, unindexed) if count_terms(text) else None


def _named(fields: Sequence[str], name: str) -> Body:
    terms = [{"term": {field: {"value": name, "case_insensitive": True}}} for field in fields]
    return {"constant_score": {"filter": _any_of(terms)}}


def _text(text: str, names: Sequence[str], field: str, unindexed: _Unindexed) -> Body:
    """As a phrase, so that the parts of `well-known` and of a run of ideographs hold together; one term is no phrase."""
    own, folded = _weighted(names, field)
    plain = fold(text)
    if plain == text:
        return _phrase(text, own + folded, unindexed)
    return {"dis_max": {"queries": [_phrase(text, own, unindexed), _phrase(plain, own + folded, unindexed)]}}


def _weighted(names: Iterable[str], field: str) -> tuple[list[str], list[str]]:
    """The fields of a language with their weights, and those of the other spelling."""
    weights = {name: BOOSTS[name] for name in names}
    return (
        [f"{name}.{field}^{weight:g}" for name, weight in weights.items()],
        [f"folded.{name}^{weight * _FOLDED_BOOST:g}" for name, weight in weights.items()],
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _phrase(text: str, fields: list[str], unindexed: _Unindexed) -> Body:
    return {"multi_match": {"query": text, "type": "phrase", "fields": fields, "zero_terms_query": unindexed}}


def _between(dates: Dates) -> Body:
    bounds = {}
    if dates.first is not None:
        bounds["gte"] = dates.first.isoformat()
    if dates.last is not None:
        bounds["lte"] = f"{dates.last.isoformat()}||/d"  # rounds up: to the end of the day
    return {"range": {"date": bounds}}
