"""What a page says about its article: JSON-LD or microdata first, then meta elements, then byline and crumbs; no running text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from lxml import etree
from lxml.html import HtmlElement

from services.ingest.core import meta_elements, structured_data
from services.ingest.core.bylines import parse_authors, parse_visible_byline
from services.ingest.core.dates import judge_date, parse_timestamp
from services.ingest.core.identity import LONGEST_URL, canonical_url, join_url, same_site
from shared.text import clean_line

#: Keywords and breadcrumb parts that are kept; more is stuffing.
_MOST_KEYWORDS, _MOST_CRUMBS = 50, 10
_LONGEST_CRUMB = 60
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_ABSOLUTE = re.compile(r"^https?://[^\s/?#]+\S*$")

_CRUMBS = (
    etree.XPath('descendant::*[@itemtype][contains(@itemtype,"BreadcrumbList")]'),
    etree.XPath(
        "(descendant::nav|descendant::ol|descendant::ul|descendant::div|descendant::p)"
        '[contains(@class,"breadcrumb") or contains(@id,"breadcrumb") or contains(@aria-label,"readcrumb")]'
    ),
)


@dataclass(frozen=True)
class PageMetadata:
    """What the page says about its article.

    `declared` is whether it says that it is one; `comments` are those of its structured data as they stand there.
    """

    headlines: tuple[str, ...]
    declared: bool
    url: str | None
    description: str | None
    authors: tuple[str, ...]
    publisher: str | None
    section: str | None
    breadcrumb: tuple[str, ...]
    keywords: tuple[str, ...]
    language: str | None
    image_url: str | None
    date_published: datetime | None
    date_modified: datetime | None
    paywalled: bool
    article_body: str | None
    comments: object


def _first(values: Iterable[str | None]) -> str | None:
    return next((cleaned for value in values if value and (cleaned := clean_line(value))), None)


def _unique(values: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple({value.casefold(): value for value in map(clean_line, values) if value}.values())[:most]


def _parse_language(values: Iterable[str | None]) -> str | None:
    for value in values:
        primary, _, rest = (value or "").strip().replace("_", "-").partition("-")
        code = f"{primary.lower()}-{rest}" if rest else primary.lower()
        if _LANGUAGE.match(code):
            return code
    return None


def _parse_canonical(tree: HtmlElement, meta: meta_elements.MetaElements, url: str | None) -> str | None:
    """What the page calls its address, if that is on the site it came from and not just its home page; else where it came from."""
    own = canonical_url(url) if url else None
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    for stated in (*links, meta.first(["og:url"])):
        address = join_url(url, stated) if stated else None
        canonical = canonical_url(address) if address else None
        if canonical is None or (own and not same_site(canonical, own)):
            continue
        is_home = canonical.count("/") == 3 and canonical.endswith("/")
        if not (is_home and own and own != canonical):
            return canonical
    return own


def _parse_image(values: Iterable[str | None], url: str | None) -> str | None:
    absolute = (join_url(url, value) for value in values if value)
    return next((image for image in absolute if image and len(image) <= LONGEST_URL and _ABSOLUTE.match(image)), None)


def _parse_date(values: Iterable[str | None], now: datetime) -> datetime | None:
    dates = (judge_date(parse_timestamp(value), now) for value in values if value)
    return next((date for date in dates if date), None)


def _parse_visible_breadcrumb(tree: HtmlElement) -> tuple[str, ...]:
    for find in _CRUMBS:
        for element in find(tree)[:3]:
            steps = element.xpath('.//*[@itemprop="name"]') or element.xpath(".//a")
            names = [clean_line(step.get("content") or step.text_content()) for step in steps]
            if 0 < len(names) <= _MOST_CRUMBS and all(len(name) <= _LONGEST_CRUMB for name in names[:-1]):
                return tuple(name for name in names if name)
    return ()


def _parse_authors(
    article: structured_data.Node, nodes: tuple[structured_data.Node, ...], meta: meta_elements.MetaElements, tree: HtmlElement
) -> tuple[str, ...]:
    """Persons of the structured data, meta elements, the byline; an organisation only where no person is named."""
    page = structured_data.pick_page(nodes)
    stated = structured_data.resolve(article.get("author") or article.get("creator"), nodes)
    people = structured_data.parse_texts(structured_data.leave_out_organisations(stated))
    return (
        parse_authors(*people)
        or parse_authors(*meta.all(*meta_elements.AUTHOR))
        or parse_visible_byline(tree)
        or parse_authors(*structured_data.parse_texts(stated or structured_data.resolve(page.get("author"), nodes)))
    )


def _parse_publisher(values: Iterable[str | None]) -> str | None:
    """A name, not an address or a handle."""
    return _first(value.lstrip("@") for value in values if value and "://" not in value)


def _parse_section(values: Iterable[str | None]) -> str | None:
    """The first of several in one value; a path is not a name."""
    return _first(value.split(",")[0] for value in values if value and "/" not in value.strip("/ "))


def _parse_paywalled(article: structured_data.Node, meta: meta_elements.MetaElements) -> bool:
    """Whether the page says that not everybody may read its text; "metered" says that most may."""
    says_so = structured_data.says_false(meta.first(["isaccessibleforfree"])) or meta.first(["article:content_tier"]) == "locked"
    return says_so or not structured_data.is_free(article)


def parse_metadata(tree: HtmlElement, url: str | None, now: datetime) -> PageMetadata:
    """Read the metadata of a page that was fetched from `url`; dates that cannot be true at `now` are left out."""
    nodes, meta = structured_data.parse_nodes(tree), meta_elements.MetaElements(tree)
    titles = (clean_line(tree.findtext(".//title") or ""), *meta.all("og:title", "twitter:title", "headline", "dc.title"))
    article, page = structured_data.pick_article(nodes, titles), structured_data.pick_page(nodes)
    publisher = structured_data.resolve(article.get("publisher"), nodes)
    breadcrumb = (structured_data.parse_breadcrumb(nodes) or _parse_visible_breadcrumb(tree))[:_MOST_CRUMBS]

    def state(name: str) -> str | None:
        return structured_data.parse_text(article.get(name))

    def date(name: str, metas: Iterable[str]) -> datetime | None:
        return _parse_date((state(name), *meta.all(*metas), structured_data.parse_text(page.get(name))), now)

    keywords = (
        structured_data.parse_texts(article.get("keywords")) or meta.all("article:tag") or meta.all("news_keywords", "keywords")
    )
    languages = (state("inLanguage"), tree.get("lang"), *meta.all(*meta_elements.LANGUAGE))
    return PageMetadata(
        headlines=_unique((text for text in (state("headline"), *titles[1:]) if text), most=10),
        declared=bool(article) or "article" in meta.all("og:type") or bool(meta.all("article:published_time")),
        url=_parse_canonical(tree, meta, url),
        description=_first((state("description"), meta.first(meta_elements.DESCRIPTION))),
        authors=_parse_authors(article, nodes, meta, tree),
        publisher=_parse_publisher(
            (structured_data.parse_text(publisher), *meta.all(*meta_elements.PUBLISHER), structured_data.pick_site_name(nodes))
        ),
        section=_parse_section((state("articleSection"), meta.first(meta_elements.SECTION))),
        breadcrumb=_unique(breadcrumb, most=_MOST_CRUMBS),
        keywords=_unique((part for keyword in keywords for part in re.split("[,;]", unescape(keyword))), most=_MOST_KEYWORDS),
        language=_parse_language((*languages, structured_data.parse_text(page.get("inLanguage")))),
        image_url=_parse_image((meta.first(meta_elements.IMAGE), structured_data.parse_address(article.get("image"))), url),
        date_published=date("datePublished", meta_elements.PUBLISHED),
        date_modified=date("dateModified", meta_elements.MODIFIED),
        paywalled=_parse_paywalled(article, meta),
        article_body=state("articleBody"),
        comments=article.get("comment"),
    )
