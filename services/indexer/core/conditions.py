"""Whether an article fits the condition of a saved search, as far as its terms tell: yes, no, or only Elasticsearch can say.

Conditions are what `services.search` compiles: a small part of what Elasticsearch knows. Whatever else stands in one is MAYBE.
Answers are Kleene's three-valued logic: AND is the least, OR the greatest.

Before this: `condition_parsing`. After it: `candidates`, and `services.indexer.matching`, which asks Elasticsearch where it is
unsure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

NO, MAYBE, YES = 0, 1, 2

#: The terms of a text, as a field's analyzer makes them: for each position that has any, how far it is from the first one, and the
#: terms that may stand there. Positions without terms are those of words that are not indexed. None: not known.
Positions: TypeAlias = "tuple[tuple[int, tuple[str, ...]], ...] | None"
#: The terms of a field of an article, each with the positions at which it stands.
Terms: TypeAlias = Mapping[str, Sequence[int]]
#: (text, whether as `folded.*` has it) → its terms.
Analyse: TypeAlias = Callable[[str, bool], Positions]

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
class Dated:
    """The date is in a period: surely from one second up to, not including, another; perhaps within wider ones."""

    sure: tuple[float, float]
    possible: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only Elasticsearch can tell."""


Condition: TypeAlias = All | Either | Unless | Text | HasLanguage | Named | Dated | Unknown


@dataclass(frozen=True, slots=True)
class ArticleTerms:
    """An article as conditions see it: the terms of its texts, by name, as both kinds of field have them; and its names."""

    own: Mapping[str, Terms] = field(default_factory=dict)
    folded: Mapping[str, Terms] = field(default_factory=dict)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    date_seconds: float | None = None


def judge(condition: Condition, article: ArticleTerms, analyse: Analyse) -> int:
    """YES, NO or MAYBE. `analyse` knows the analyzers of the article's language."""
    return _JUDGES[type(condition)](condition, article, analyse)


def _judge_all(condition: All, article: ArticleTerms, analyse: Analyse) -> int:
    least = YES
    for part in condition.parts:
        verdict = _JUDGES[type(part)](part, article, analyse)
        if verdict == NO:
            return NO
        least = min(least, verdict)
    return least


def _judge_either(condition: Either, article: ArticleTerms, analyse: Analyse) -> int:
    greatest = NO
    for part in condition.parts:
        verdict = _JUDGES[type(part)](part, article, analyse)
        if verdict == YES:
            return YES
        greatest = max(greatest, verdict)
    return greatest


def _judge_text(condition: Text, article: ArticleTerms, analyse: Analyse) -> int:
    verdict = NO
    if condition.own:
        verdict = _find_text(analyse(condition.text, False), condition.own, article.own, condition.unindexed)  # noqa: FBT003
    if verdict != YES and condition.folded:
        folded = analyse(condition.text, True)  # noqa: FBT003
        verdict = max(verdict, _find_text(folded, condition.folded, article.folded, condition.unindexed))
    return verdict


def _find_text(positions: Positions, names: Sequence[str], fields: Mapping[str, Terms], unindexed: int) -> int:
    if positions is None:
        return MAYBE
    if not positions:
        return unindexed
    if not fields:  # as mostly where folding changes nothing of an article
        return NO
    if len(positions) > 1:
        return YES if any(_in_a_row(positions, fields[name]) for name in names if name in fields) else NO
    ((_, alternatives),) = positions
    for name in names:
        terms = fields.get(name, ())
        for term in alternatives:
            if term in terms:
                return YES
    return NO


def _in_a_row(positions: Sequence[tuple[int, tuple[str, ...]]], terms: Terms) -> bool:
    """As Lucene finds an exact phrase: the terms at the same distances from each other as in the text that was asked for."""
    if not all(any(term in terms for term in alternatives) for _, alternatives in positions):
        return False
    starts: set[int] | None = None
    for distance, alternatives in positions:
        here = {place - distance for term in alternatives for place in terms.get(term, ())}
        starts = here if starts is None else starts & here
        if not starts:
            return False
    return True


def _judge_named(condition: Named, article: ArticleTerms, _analyse: Analyse) -> int:
    own = article.names.get(condition.field)
    if own is None:
        return NO
    if not own.isdisjoint(condition.values):
        return YES
    if not condition.ignores_case or {each.casefold() for each in own}.isdisjoint(each.casefold() for each in condition.values):
        return NO
    # Elasticsearch has its own idea of case beyond ASCII.
    plain = {each.lower() for each in own if each.isascii()}
    return MAYBE if plain.isdisjoint(each.lower() for each in condition.values if each.isascii()) else YES


def _judge_dated(condition: Dated, article: ArticleTerms, _analyse: Analyse) -> int:
    date = article.date_seconds
    if date is None:
        return MAYBE
    if condition.sure[0] <= date < condition.sure[1]:
        return YES
    return MAYBE if condition.possible[0] <= date < condition.possible[1] else NO


_JUDGES: Mapping[type, Callable[[Any, ArticleTerms, Analyse], int]] = {
    All: _judge_all,
    Either: _judge_either,
    Unless: lambda condition, article, analyse: YES - judge(condition.part, article, analyse),
    Text: _judge_text,
    HasLanguage: lambda _condition, article, _analyse: YES if article.own.get("headline") else MAYBE,
    Named: _judge_named,
    Dated: _judge_dated,
    Unknown: lambda _condition, _article, _analyse: MAYBE,
}
