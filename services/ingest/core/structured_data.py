"""What a page states about itself for search engines: schema.org nodes, written as JSON-LD or as microdata."""

import html
import math
from collections.abc import Iterable, Iterator
from typing import Any

from extruct.jsonld import JsonLdExtractor
from extruct.w3cmicrodata import MicrodataExtractor
from lxml.html import HtmlElement

from services.ingest.core.blocks import compare_key

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


def _is_article(node: Node) -> bool:
    return any(kind.endswith("article") or kind in _POSTINGS for kind in _types(node))


def _parse_json_ld(tree: HtmlElement) -> list[Node]:
    """JSON-LD in order; a script that is no JSON is skipped, others still count."""
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if not (script.get("type") or "").strip().lower().startswith("application/ld+json"):
            continue
        script.set("type", "application/ld+json")
        try:
            nodes.extend(_walk(JsonLdExtractor().extract_items(script)))
        except (ValueError, TypeError, RecursionError):
            continue
    return nodes


def _from_microdata(item: object) -> Any:
    """A microdata item as the node that JSON-LD would have for it, without the text of the page."""
    if isinstance(item, list):
        return [_from_microdata(part) for part in item]
    if not isinstance(item, dict):
        return item
    properties = {name: _from_microdata(value) for name, value in item.get("properties", {}).items() if name != "articleBody"}
    return {"@type": item.get("type"), **properties}


def parse_nodes(tree: HtmlElement) -> tuple[Node, ...]:
    """The nodes that are about the page itself: JSON-LD, and microdata where JSON-LD names no article."""
    nodes = _parse_json_ld(tree)
    if not any(map(_is_article, nodes)) and tree.find(".//*[@itemtype]") is not None:
        try:
            items = MicrodataExtractor().extract_items(tree, None)
        except (ValueError, TypeError, AttributeError, RecursionError):
            items = []
        nodes.extend(node for node in _from_microdata(items) if isinstance(node, dict))
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


def pick_article(nodes: tuple[Node, ...], titles: Iterable[str]) -> Node:
    """The node of the article, empty if the page names none.

    Of several, one with a headline goes before one without. Where they have different headlines, it is the one whose headline
    is in the titles of the page; if that is none, or not only one, the page is a list of articles.
    """
    articles = [node for node in nodes if _is_article(node)]
    headed = [node for node in articles if parse_text(node.get("headline"))]
    if len({parse_text(node["headline"]) for node in headed}) > 1:
        keys = "\n".join(map(compare_key, titles))
        headed = [node for node in headed if compare_key(parse_text(node["headline"]) or "") in keys]
        if len({parse_text(node["headline"]) for node in headed}) != 1:
            return {}
    return max(headed or articles, key=len, default={})


def pick_page(nodes: tuple[Node, ...]) -> Node:
    """The node of the page as such, for what the article's does not say; empty if there is none."""
    return next((node for node in nodes if any(kind.endswith("webpage") for kind in _types(node))), {})


def pick_site_name(nodes: tuple[Node, ...]) -> str | None:
    """What the page calls the site that it is part of."""
    return next((parse_text(node.get("name")) for node in nodes if "website" in _types(node)), None)


def is_free(node: Node) -> bool:
    """Whether the node says that everybody may read it all; a part that is not free makes the whole not free."""
    parts = node.get("hasPart")
    listed = parts if isinstance(parts, list) else [parts]
    values = [part.get("isAccessibleForFree") for part in (node, *listed[:_MOST_NODES]) if isinstance(part, dict)]
    return not any(says_false(value) for value in values)


def says_false(value: object) -> bool:
    """Whether a value is false in one of the ways in which it is written: false, "False", "https://schema.org/False"."""
    return value is False or (isinstance(value, str) and value.strip().rsplit("/", 1)[-1].lower() == "false")


def resolve(node: object, nodes: tuple[Node, ...]) -> object:
    """The node that `{"@id": …}` refers to, or the value itself."""
    if isinstance(node, dict) and set(node) <= {"@id", "@type"}:
        return next((other for other in nodes if other.get("@id") == node.get("@id") and len(other) > len(node)), node)
    return node


def leave_out_organisations(value: object) -> object:
    """The value, or the list, without nodes that say that they are an organisation."""
    if isinstance(value, list):
        return [part for part in value if leave_out_organisations(part) is not None]
    return None if isinstance(value, dict) and any(kind.endswith("organization") for kind in _types(value)) else value


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
        if "breadcrumblist" in _types(node):
            items = node.get("itemListElement")
            listed = items if isinstance(items, list) else [items]
            steps = sorted((item for item in listed if isinstance(item, dict)), key=_position)
            names = (parse_text(step.get("name")) or parse_text(step.get("item")) for step in steps)
            return tuple(name for name in names if name and not name.startswith("http"))
    return ()
