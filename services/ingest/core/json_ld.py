"""What a page states about itself in JSON-LD, the form that search engines ask publishers for."""

import html
import math
from collections.abc import Iterator
from typing import Any

from extruct.jsonld import JsonLdExtractor
from lxml.html import HtmlElement

Node = dict[str, Any]

#: Nesting that is followed, and nodes that are looked at: pages in the wild stay below a tenth of both.
_DEEPEST, _MOST_NODES = 8, 2000
# Where a page names what it is about. Not itemListElement, hasPart and the like: there it names other pages.
_ABOUT_THIS_PAGE = ("@graph", "mainEntity", "mainEntityOfPage")
_POSTINGS = frozenset({"blogposting", "liveblogposting", "socialmediaposting", "report", "claimreview"})


def _types(node: Node) -> tuple[str, ...]:
    return tuple(kind.rsplit("/", 1)[-1].lower() for kind in parse_texts(node.get("@type")))


def _walk(value: object, depth: int = 0) -> Iterator[Node]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _ABOUT_THIS_PAGE:
            yield from _walk(value.get(name), depth + 1)


def parse_nodes(tree: HtmlElement) -> tuple[Node, ...]:
    """The nodes that are about the page itself, in order; a script that is no JSON is skipped, others still count."""
    nodes: list[Node] = []
    extractor = JsonLdExtractor()
    for script in tree.iter("script"):
        if not (script.get("type") or "").strip().lower().startswith("application/ld+json"):
            continue
        script.set("type", "application/ld+json")
        try:
            nodes.extend(_walk(extractor.extract_items(script)))
        except (ValueError, TypeError, RecursionError):
            continue
    return tuple(nodes[:_MOST_NODES])


def parse_texts(value: object) -> tuple[str, ...]:
    """The texts in a value that may be one, a list of them, or nodes that have a name; without HTML entities."""
    if isinstance(value, str):
        text = html.unescape(value).strip()
        return (text,) if text else ()
    if isinstance(value, list):
        return tuple(text for item in value[:_MOST_NODES] if not isinstance(item, list) for text in parse_texts(item))
    if isinstance(value, dict):
        return parse_texts(value.get("name") or value.get("@value"))
    return ()


def parse_text(value: object) -> str | None:
    """The first of `parse_texts`."""
    return next(iter(parse_texts(value)), None)


def parse_address(value: object) -> str | None:
    """The address in a value that may be one, a list of them, or a node that has it as `url`, `contentUrl` or `@id`."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return value.strip() if isinstance(value, str) else None


def pick_article(nodes: tuple[Node, ...]) -> Node:
    """The node of the article, empty if the page names none.

    Of several, one with a headline goes before one without. Where two have different headlines, the page is a list of them.
    """
    articles = [node for node in nodes if any(kind.endswith("article") or kind in _POSTINGS for kind in _types(node))]
    headed = [node for node in articles if parse_text(node.get("headline"))]
    if len({parse_text(node["headline"]) for node in headed}) > 1:
        return {}
    return max(headed or articles, key=len, default={})


def resolve(node: object, nodes: tuple[Node, ...]) -> object:
    """The node that `{"@id": …}` refers to, or the value itself."""
    if isinstance(node, dict) and set(node) <= {"@id", "@type"}:
        return next((other for other in nodes if other.get("@id") == node.get("@id") and len(other) > len(node)), node)
    return node


def _position(item: Node) -> float:
    try:
        return float(item.get("position") or math.inf)
    except (TypeError, ValueError):
        return math.inf


def parse_breadcrumb(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """The names of the first BreadcrumbList, by position."""
    nested = (resolve(node.get("breadcrumb"), nodes) for node in nodes)
    candidates = (*nodes, *(node for node in nested if isinstance(node, dict)))
    for node in candidates:
        items = node.get("itemListElement")
        if "breadcrumblist" in _types(node) and isinstance(items, list):
            steps = sorted((item for item in items if isinstance(item, dict)), key=_position)
            names = (parse_text(step.get("name")) or parse_text(step.get("item")) for step in steps)
            return tuple(name for name in names if name and not name.startswith("http"))
    return ()
