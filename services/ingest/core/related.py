"""The links to other articles that a page shows under headings such as "Related articles"."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from services.ingest.core.identity import LONGEST_URL, join_url
from shared.articles import Link
from shared.text import clean_line

_HEADING = re.compile(
    r"\W*(?:related(?: articles?| stor(?:y|ies)| posts?| news| content| coverage| links| topics)?|"
    r"read (?:more|next|also)|also read|see also|"
    r"more (?:on this story|on this|like this|stories)|you (?:may|might) (?:also )?like|recommended(?: for you)?|further reading|"
    r"à lire aussi|sur le même (?:sujet|thème)|articles liés|mehr zum thema|lesen sie auch|das könnte sie auch interessieren|"
    r"noticias relacionadas|leia também|articoli correlati|ilgili haberler|читайте также|похожие статьи|"
    r"مواضيع ذات صلة|مقالات ذات صلة|اقرأ أيضا)\W*",
    re.IGNORECASE,
)
_MOST_LINKS = 20
#: Links of one box that are looked at, and headings: a hostile page has many more.
_MOST_ANCHORS, _MOST_HEADINGS = 100, 20
_SHORTEST_HEADLINE, _LONGEST_HEADLINE = 12, 200
_LONGEST_HEADING = 60
_LEVELS_UP = 3


def _is_in_sentence(anchor: HtmlElement, text: str) -> bool:
    paragraph = next(anchor.iterancestors("p"), None)
    return paragraph is not None and len(clean_line(paragraph.text_content())) > 1.5 * len(text) + 20


def _links_in(box: HtmlElement, heading: HtmlElement, url: str | None) -> list[Link]:
    links: dict[str, Link] = {}
    for anchor in islice(box.iter("a"), _MOST_ANCHORS):
        headline, address = clean_line(anchor.text_content()), anchor.get("href") or ""
        if anchor is heading or not _SHORTEST_HEADLINE <= len(headline) <= _LONGEST_HEADLINE or _is_in_sentence(anchor, headline):
            continue
        target = join_url(url, address)
        if target and target.startswith(("http://", "https://", "/")) and len(target) <= LONGEST_URL:
            links.setdefault(target, Link(headline=headline, url=target))
    return list(links.values())


def _headings(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.iter("h2", "h3", "h4", "h5", "h6", "strong", "p", "span", "div", "a"):
        text = element.text or (element[0].text if len(element) == 1 else None)
        if text and len(text) <= _LONGEST_HEADING and _HEADING.fullmatch(text):
            yield element


def parse_related_links(tree: HtmlElement, url: str | None) -> tuple[Link, ...]:
    """Headline and address of up to 20 links; addresses are absolute where that of the page is known."""
    found: dict[str, Link] = {}
    for heading in islice(_headings(tree), _MOST_HEADINGS):
        box = heading
        for _ in range(_LEVELS_UP):
            parent = box.getparent()
            if parent is None or parent.tag in ("body", "main", "article", "html"):
                break
            box = parent
            if links := _links_in(box, heading, url):
                found |= {link.url: link for link in links if link.url not in found}
                break
    return tuple(found.values())[:_MOST_LINKS]
