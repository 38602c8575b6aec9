"""The language that searches are written in: text → tree. docs/searching.md describes it for those who type it.

    query = all { (OR | "|") all }
    all   = part { [AND] part }
    part  = { NOT | "-" } ( word | "phrase" | field:word | field:"phrase" | field:( query ) | ( query ) )

After this: `query_tree`, what it becomes. Whatever people type is a query, but for what has no possible reading: a quote or
parenthesis that is not closed, an operator with nothing to it, a field that does not exist.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.search.core.query_dates import InvalidDates, parse_dates
from services.search.core.query_errors import QueryError
from services.search.core.query_tree import DATE_FIELD, FIELDS, NAME_FIELDS, And, Not, Or, Phrase, Query, Word, count_terms

LONGEST_QUERY = 512
MOST_TERMS = 32
DEEPEST = 8

# What no text has, see shared/text.py: to search for, it is a blank. One for one, so that positions stay.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_QUOTES = '"\u201c\u201d\u201e\u201f'
_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
    | (?P<open>\() | (?P<close>\)) | (?P<bar>\|+)
    | [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]
    | (?P<quote>[{_QUOTES}])
    | (?P<minus>-)(?=[^\s\-)|])
    | (?P<field>[A-Za-z_][A-Za-z_.]*):(?=[^\s:/\\)|])  # neither 10:30 nor an address, nor a colon that ends a word
    | (?P<word>[^\s()|{_QUOTES}]+)""",
    re.VERBOSE,
)
_VALUE = re.compile(rf"[^\s()|{_QUOTES}]+")  # behind `field:` even a minus or a colon belongs to the word
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not"}
_KINDS = {"bar": "or", "minus": "not"}


@lru_cache(maxsize=256)  # one request asks several times
def parse_query(text: str) -> Query | None:
    """The tree of a query; None when there is nothing but blanks. Raises QueryError."""
    tokens = list(_tokens(_CONTROLS.sub(" ", text)))
    if not tokens:
        return None
    return _Parser(tokens).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is one of: open, close, and, or, not, field, word, phrase."""

    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    position, names_field = 0, False
    while position < len(text):
        found = (_VALUE.match(text, position) if names_field else None) or _TOKEN.match(text, position)
        assert found is not None  # noqa: S101 - every character begins a token
        kind = "word" if names_field and found.re is _VALUE else str(found.lastgroup)
        if kind == "quote":
            raise QueryError("this quote is not closed", position)
        value = found.group() if found.re is _VALUE else str(found.group(kind))
        kind = _KINDS.get(kind, kind)
        if kind == "word" and not names_field:
            kind = _OPERATORS.get(value, kind)
        if kind != "blank":
            yield _Token(kind, value, position)
        names_field = kind == "field"
        position = found.end()


class _Parser:
    """Recursive descent: one method a rule."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._terms = 0
        self._field: str | None = None

    def parse(self) -> Query:
        query = self._any()
        rest = self._peek()
        if rest is not None:  # nothing else ends a query early
            raise QueryError("this parenthesis closes none", rest.position)
        return query

    def _peek(self, *kinds: str) -> _Token | None:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        return token if token is not None and (not kinds or token.kind in kinds) else None

    def _take(self, *kinds: str) -> _Token | None:
        token = self._peek(*kinds)
        self._next += token is not None
        return token

    def _any(self) -> Query:
        operands = [self._all(None)]
        while operator := self._take("or"):
            operands.append(self._all(operator))
        return Or(tuple(_flat(operands, Or))) if len(operands) > 1 else operands[0]

    def _all(self, operator: _Token | None) -> Query:
        operands = [self._part(operator)]
        while True:
            operator = self._take("and")
            if operator is None and (self._peek() is None or self._peek("or", "close")):
                break
            operands.append(self._part(operator))
        return And(tuple(_flat(operands, And))) if len(operands) > 1 else operands[0]

    def _part(self, operator: _Token | None) -> Query:
        """What stands to the right of `operator`, where there is one."""
        is_negated = False
        while sign := self._take("not"):
            is_negated = not is_negated
            operator = sign
        token = self._take()
        if token is None or token.kind in ("close", "and", "or"):
            raise self._missing(operator, token)
        operand = self._operand(token)
        if not is_negated:
            return operand
        return operand.operand if isinstance(operand, Not) else Not(operand)

    def _missing(self, operator: _Token | None, instead: _Token | None) -> QueryError:
        if operator is not None:
            return QueryError(f"there is nothing to the right of {_shown(operator)}", operator.position)
        assert instead is not None  # noqa: S101 - without an operator a rule begins at a token
        if instead.kind == "close":
            return QueryError("this parenthesis closes none", instead.position)
        return QueryError(f"there is nothing to the left of {_shown(instead)}", instead.position)

    def _operand(self, token: _Token) -> Query:
        if token.kind == "open":
            return self._group(token)
        if token.kind == "field":
            return self._of_field(token)
        return self._leaf(token)

    def _group(self, opening: _Token) -> Query:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"parentheses are nested more than {DEEPEST} deep", opening.position)
        if self._peek("close"):
            raise QueryError("these parentheses hold nothing", opening.position)
        query = self._any() if self._peek() else None
        if query is None or self._take("close") is None:
            raise QueryError("this parenthesis is not closed", opening.position)
        self._depth -= 1
        return query

    def _of_field(self, name: _Token) -> Query:
        field_name = name.text.lower()
        if field_name not in FIELDS:
            known = ", ".join(FIELDS)
            raise QueryError(f"there is no field {name.text[:40]!r}, only {known}; in quotes it is text", name.position)
        if self._field is not None:
            raise QueryError(f"this stands in the parentheses of the field {self._field} already", name.position)
        self._field = field_name
        value = self._take()
        assert value is not None  # noqa: S101 - the pattern of a field looks ahead
        query = self._operand(value)
        self._field = None
        return query

    def _leaf(self, token: _Token) -> Query:
        if self._field == DATE_FIELD:
            try:
                return parse_dates(token.text)
            except InvalidDates as error:
                raise QueryError(str(error), token.position) from error
        self._terms += 1 if self._field in NAME_FIELDS else count_terms(token.text)
        if self._terms > MOST_TERMS:
            raise QueryError(f"here begins more than the {MOST_TERMS} words that can be searched for at once", token.position)
        kind = Phrase if token.kind == "phrase" else Word
        return kind(token.text, self._field, token.position)


def _flat(operands: list[Query], kind: type[And] | type[Or]) -> Iterator[Query]:
    for operand in operands:
        if isinstance(operand, kind):
            yield from operand.operands
        else:
            yield operand


def _shown(token: _Token) -> str:
    return token.text if token.text.isalpha() else repr(token.text)
