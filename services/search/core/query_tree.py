"""The tree of a query: what is asked, free of how it was typed.

Before this: `query_language`, which reads it. After it: `query_compiler`, which makes of it what Elasticsearch is asked.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from services.search.core.query_dates import Dates

#: What a word can be looked for in; each is text in the article's own language.
TEXT_FIELDS = ("headline", "description", "body")
#: What is compared as a whole, whatever its case: names and codes.
NAME_FIELDS = ("entity", "section", "publisher", "author", "keyword", "language", "story")
DATE_FIELD = "date"
FIELDS = (*TEXT_FIELDS, *NAME_FIELDS, DATE_FIELD)

# As the standard tokenizer parts text: each ideograph, kana or emoji is a term, and each run of other letters and digits.
_SINGLES = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\u2600-\u27bf\U0001f000-\U0001faff\U00020000-\U0003ffff"
_TERM = re.compile(rf"[{_SINGLES}]|[^\W{_SINGLES}]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed, perhaps of a field; `position` counts code points from the beginning of the query."""

    text: str
    field: str | None = None
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What stood in quotes: words in this order, or a whole name."""

    text: str
    field: str | None = None
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    operand: "Query"


@dataclass(frozen=True, slots=True)
class And:
    """What fits all of at least two parts, none of which is an And."""

    operands: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """What fits one of at least two parts, none of which is an Or."""

    operands: "tuple[Query, ...]"


Leaf: TypeAlias = Word | Phrase | Dates
Query: TypeAlias = Leaf | Not | And | Or


def count_terms(text: str) -> int:
    """How many terms a text is, as the standard tokenizer parts it; marks and joiners belong to the letter before them."""
    return len(_TERM.findall("".join(each for each in text if unicodedata.category(each) not in ("Mn", "Mc", "Me", "Cf"))))


def leaves_of(query: Query) -> Iterator[Leaf]:
    """Its words, phrases and dates, from left to right."""
    match query:
        case Not(operand):
            yield from leaves_of(operand)
        case And(operands) | Or(operands):
            for operand in operands:
                yield from leaves_of(operand)
        case _:
            yield query


def wanted_leaves(query: Query) -> Iterator[Leaf]:
    """Those that stand in what fits, not those behind a NOT."""
    match query:
        case Not():
            return
        case And(operands) | Or(operands):
            for operand in operands:
                yield from wanted_leaves(operand)
        case _:
            yield query


def has_words(query: Query | None) -> bool:
    """Whether articles can fit more or less: whether it asks for words of their texts."""
    return query is not None and any(is_text(leaf) and count_terms(leaf.text) for leaf in leaves_of(query))


def is_text(leaf: Leaf) -> TypeGuard[Word | Phrase]:
    """Whether it is looked for in the texts of articles."""
    return not isinstance(leaf, Dates) and (leaf.field is None or leaf.field in TEXT_FIELDS)


def render_query(query: Query) -> str:
    """The query as text: parsed, it is the same tree again."""
    match query:
        case Word(text, name):
            return f"{name}:{text}" if name else text
        case Phrase(text, name):
            return f'{name}:"{text}"' if name else f'"{text}"'
        case Dates():
            return f"{DATE_FIELD}:{query}"
        case Not(operand):
            return f"NOT {_grouped(operand, And, Or)}"
        case And(operands):
            return " ".join(_grouped(operand, Or) for operand in operands)
        case Or(operands):
            return " OR ".join(render_query(operand) for operand in operands)


def _grouped(query: Query, *kinds: type) -> str:
    return f"({render_query(query)})" if isinstance(query, kinds) else render_query(query)
