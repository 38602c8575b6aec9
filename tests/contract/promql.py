"""What a PromQL expression asks for: the series, the labels it matches and groups by; read from its syntax tree."""

import re
from collections.abc import Iterator

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Expr, VectorSelector

from tests.contract.exported import Asked

#: Of matchers that list values: `a|b`. Others, such as `.+`, name no value.
_VALUES = re.compile(r"[\w.,/{}:-]+(\|[\w.,/{}:-]+)*")


def parse_promql(expression: str) -> Asked:
    """Raises ValueError when the expression is no PromQL."""
    asked = Asked()
    for node in _nodes(promql_parser.parse(expression)):
        if isinstance(node, VectorSelector):  # also those with a range, within their MatrixSelector
            _add_selector(asked, node)
        elif isinstance(node, AggregateExpr) and node.modifier is not None:
            asked.grouped.update(node.modifier.labels)
        elif isinstance(node, BinaryExpr) and node.modifier is not None and node.modifier.matching is not None:
            asked.grouped.update(node.modifier.matching.labels)
    return asked


def _add_selector(asked: Asked, selector: VectorSelector) -> None:
    values: dict[str, set[str]] = {}
    for matcher in selector.matchers.matchers:
        listed = set(matcher.value.split("|")) if _VALUES.fullmatch(matcher.value) else set()
        values.setdefault(matcher.name, set()).update(listed)
    asked.selectors.append((selector.name or "", values))


def _nodes(expression: Expr) -> Iterator[Expr]:
    found: list[Expr] = []
    promql_parser.walk(expression, found.append)
    return iter(found)
