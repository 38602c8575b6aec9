"""Whether an article fits the condition of a saved search, as far as its terms tell: yes, no, or only Elasticsearch can say.

Conditions are what `services.search` compiles: a small part of what Elasticsearch knows. Whatever else stands in one is MAYBE, and
so are phrases, whose words are there but perhaps not in a row. Answers are Kleene's three-valued logic: AND is the least, OR the
greatest.

Before this: `searches.saved`. After it: `candidates`, and `services.indexer.matching`, which asks Elasticsearch where it is unsure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from shared.saved_searches import ANY_LANGUAGE

NO, MAYBE, YES = 0, 1, 2

#: The terms of a text, as a field's analyzer makes them: for each position those that may stand there. None: not known.
Positions: TypeAlias = "tuple[tuple[str, ...], ...] | None"
#: (text, whether as `folded.*` has it) → its terms.
Analyse: TypeAlias = Callable[[str, bool], Positions]

_FOLDED = "folded."
_IN_LANGUAGE = f"headline.{ANY_LANGUAGE}"
#: Fields whose values are compared as they stand in the document.
NAMES = frozenset(
    {
        "status",
        "language",
        "section",
        "publisher",
        "authors",
        "entity_names",
        "keywords",
        "keywords_found",
        "story_id",
        "article_id",
    }
)


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Unless:
    """Not this."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a row, in one of the texts (`own`, in the article's language) or one of the folded ones."""

    text: str
    own: tuple[str, ...]
    folded: tuple[str, ...]
    #: What it is where an analyzer leaves nothing of the text.
    unindexed: int


@dataclass(frozen=True, slots=True)
class HasLanguage:
    """The article has text in the language."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field has one of these values."""

    field: str
    values: frozenset[str]
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only Elasticsearch can tell."""


Condition: TypeAlias = All | Either | Unless | Text | HasLanguage | Named | Unknown
_UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class ArticleTerms:
    """An article as conditions see it: the terms of its texts, by name, as both kinds of field have them; and its names."""

    own: Mapping[str, frozenset[str]] = field(default_factory=dict)
    folded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)


def parse_condition(query: Any) -> Condition:
    """The condition that a query of Elasticsearch stands for; never an error."""
    if not isinstance(query, dict) or len(query) != 1:
        return _UNKNOWN
    ((kind, body),) = query.items()
    parse = _PARSERS.get(kind)
    try:
        return _UNKNOWN if parse is None else parse(body)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return _UNKNOWN


def _parse_bool(body: Mapping[str, Any]) -> Condition:
    if not body.keys() <= {"must", "filter", "should", "must_not", "minimum_should_match"}:
        return _UNKNOWN
    required = [*_clauses(body, "must"), *_clauses(body, "filter")]
    should = _clauses(body, "should")
    least = body.get("minimum_should_match", 0 if required else 1)
    if should and least not in (0, 1):
        return _UNKNOWN
    parts = [parse_condition(each) for each in required]
    if should and least:
        parts.append(Either(tuple(parse_condition(each) for each in should)))
    parts += [Unless(parse_condition(each)) for each in _clauses(body, "must_not")]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _clauses(body: Mapping[str, Any], name: str) -> list[Any]:
    clauses = body.get(name, [])
    return list(clauses) if isinstance(clauses, list) else [clauses]


def _parse_text(body: Mapping[str, Any]) -> Condition:
    if body.keys() != {"query", "type", "fields", "zero_terms_query"} or body["type"] != "phrase":
        return _UNKNOWN
    own, folded = [], []
    for weighted in body["fields"]:
        name = weighted.partition("^")[0]
        if name.startswith(_FOLDED):
            folded.append(name.removeprefix(_FOLDED))
        elif name.endswith(f".{ANY_LANGUAGE}"):
            own.append(name.partition(".")[0])
        else:
            return _UNKNOWN
    return Text(body["query"], tuple(own), tuple(folded), YES if body["zero_terms_query"] == "all" else NO)


def _parse_term(body: Mapping[str, Any]) -> Condition:
    ((name, value),) = body.items()
    if name not in NAMES:
        return _UNKNOWN
    if isinstance(value, dict):
        if not value.keys() <= {"value", "case_insensitive"}:
            return _UNKNOWN
        return Named(name, frozenset({str(value["value"])}), bool(value.get("case_insensitive", False)))
    return Named(name, frozenset({str(value)}))


def _parse_terms(body: Mapping[str, Any]) -> Condition:
    ((name, values),) = body.items()
    return Named(name, frozenset(map(str, values))) if name in NAMES and isinstance(values, list) else _UNKNOWN


def _parse_either(body: Mapping[str, Any]) -> Condition:
    return Either(tuple(parse_condition(each) for each in body["queries"]))


def _parse_exists(body: Mapping[str, Any]) -> Condition:
    return HasLanguage() if body == {"field": _IN_LANGUAGE} else _UNKNOWN


_PARSERS: Mapping[str, Callable[[Any], Condition]] = {
    "bool": _parse_bool,
    "dis_max": _parse_either,
    "constant_score": lambda body: parse_condition(body["filter"]),
    "multi_match": _parse_text,
    "term": _parse_term,
    "terms": _parse_terms,
    "exists": _parse_exists,
    "match_all": lambda _: All(()),
    "match_none": lambda _: Either(()),
}


def judge(condition: Condition, article: ArticleTerms, analyse: Analyse) -> int:
    """YES, NO or MAYBE. `analyse` knows the analyzers of the article's language."""
    match condition:
        case All(parts):
            return _least(parts, article, analyse)
        case Either(parts):
            return max((judge(part, article, analyse) for part in parts), default=NO)
        case Unless(part):
            return YES - judge(part, article, analyse)
        case Text():
            return max(
                _judge_text(analyse(condition.text, False), condition.own, article.own, condition.unindexed),  # noqa: FBT003
                _judge_text(analyse(condition.text, True), condition.folded, article.folded, condition.unindexed),  # noqa: FBT003
            )
        case HasLanguage():
            return YES if article.own.get("headline") else MAYBE
        case Named(name, values, ignores_case):
            return _judge_names(article.names.get(name, frozenset()), values, ignores_case=ignores_case)
        case Unknown():
            return MAYBE


def _least(parts: Sequence[Condition], article: ArticleTerms, analyse: Analyse) -> int:
    least = YES
    for part in parts:
        least = min(least, judge(part, article, analyse))
        if least == NO:
            return NO
    return least


def _judge_text(positions: Positions, names: Sequence[str], terms: Mapping[str, frozenset[str]], unindexed: int) -> int:
    if not names:
        return NO
    if positions is None:
        return MAYBE
    if not positions:
        return unindexed
    found = MAYBE if len(positions) > 1 else YES
    for name in names:
        own = terms.get(name)
        if own and not any(own.isdisjoint(alternatives) for alternatives in positions):
            return found
    return NO


def _judge_names(own: frozenset[str], values: frozenset[str], *, ignores_case: bool) -> int:
    if not own.isdisjoint(values):
        return YES
    if ignores_case and not {name.casefold() for name in own}.isdisjoint({value.casefold() for value in values}):
        return MAYBE  # Elasticsearch has its own idea of case
    return NO
