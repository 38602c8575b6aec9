"""What a page says about its article: JSON-LD or microdata first, then meta elements, then byline and crumbs; no running text."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from lxml.html import HtmlElement

from services.ingest.core import structured_data
from services.ingest.core.bylines import parse_authors
from services.ingest.core.dates import judge_date, parse_timestamp
from services.ingest.core.identity import LONGEST_URL, canonical_url, join_url, same_site
from shared.text import clean_line

#: Keywords and breadcrumb parts that are kept; more is stuffing.
_MOST_KEYWORDS, _MOST_CRUMBS = 50, 10
_LONGEST_CRUMB = 60
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_ABSOLUTE = re.compile(r"^https?://[^\s/?#]+\S*$")

_DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
_SECTION = ("article:section", "parsely-section", "cxenseparse:section", "section", "dc.subject", "articlesection")
_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "authors")
_PUBLISHER = ("og:site_name", "application-name", "dc.publisher", "publisher")
_IMAGE = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_PUBLISHED = [
    "article:published_time",
    "article:published",
    "datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "date_published",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "date",
]
_MODIFIED = [
    "article:modified_time",
    "article:modified",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "lastmod",
    "date_modified",
    "dcterms.modified",
]
_BYLINES = (
    './/*[@rel="author"]|.//*[@itemprop="author"]//*[@itemprop="name"]|.//*[@itemprop="author"]'
    '|.//*[contains(@class,"byline") or contains(@class,"author")]'
    "[not(self::body or self::article or self::main or self::html or self::input or self::label)]"
    '[not(ancestor-or-self::*[self::form or contains(@class,"comment") or contains(@id,"comment")])]'
)
_CRUMBS = (
    './/*[contains(@itemtype,"BreadcrumbList")]',
    (
        ".//*[self::nav or self::ol or self::ul or self::div or self::p]"
        '[contains(@class,"breadcrumb") or contains(@id,"breadcrumb") or contains(@aria-label,"readcrumb")]'
    ),
)


@dataclass(frozen=True)
class PageMetadata:
    """What the page says about its article. `declared` is whether it says that it is one."""

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


class MetaElements:
    """The meta elements of a page by name, and the microdata properties that carry their value in an attribute."""

    def __init__(self, tree: HtmlElement) -> None:
        self._values: dict[str, list[str]] = defaultdict(list)
        for element in tree.iter("meta", "time"):
            value = clean_line(element.get("content") or element.get("datetime") or "")
            names = (element.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv"))
            for name in {name.strip().lower() for name in names if name and value}:
                self._values[name].append(value)

    def first(self, names: Iterable[str]) -> str | None:
        """The first value under the first of the names that has one."""
        return next((self._values[name][0] for name in names if name in self._values), None)

    def all(self, *names: str) -> tuple[str, ...]:
        """Every value under the names."""
        return tuple(value for name in names for value in self._values.get(name, ()))


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


def _parse_canonical(tree: HtmlElement, meta: MetaElements, url: str | None) -> str | None:
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
    for expression in _CRUMBS:
        for element in tree.xpath(expression)[:3]:
            steps = element.xpath('.//*[@itemprop="name"]') or element.xpath(".//a")
            names = [clean_line(step.get("content") or step.text_content()) for step in steps]
            if 0 < len(names) <= _MOST_CRUMBS and all(len(name) <= _LONGEST_CRUMB for name in names[:-1]):
                return tuple(name for name in names if name)
    return ()


def _parse_visible_byline(tree: HtmlElement) -> tuple[str, ...]:
    for element in tree.xpath(_BYLINES)[:12]:
        text = clean_line(element.get("content") or element.text_content())
        if 3 < len(text) <= 60 and (names := parse_authors(text)) and all(" " in name for name in names):
            return names
    return ()


def _parse_publisher(values: Iterable[str | None]) -> str | None:
    """A name, not an address or a handle."""
    return _first(value.lstrip("@") for value in values if value and "://" not in value)


def _parse_section(values: Iterable[str | None]) -> str | None:
    """The first of several in one value; a path is not a name."""
    return _first(value.split(",")[0] for value in values if value and "/" not in value.strip("/ "))


def _parse_paywalled(article: structured_data.Node, meta: MetaElements) -> bool:
    free = article.get("isAccessibleForFree")
    return free is False or str(free).rsplit("/", 1)[-1].lower() == "false" or meta.first(["article:content_tier"]) == "locked"


def parse_metadata(tree: HtmlElement, url: str | None, now: datetime) -> PageMetadata:
    """Read the metadata of a page that was fetched from `url`; dates that cannot be true at `now` are left out."""
    nodes, meta = structured_data.parse_nodes(tree), MetaElements(tree)
    article = structured_data.pick_article(nodes)
    publisher = structured_data.resolve(article.get("publisher"), nodes)
    headlines = (
        structured_data.parse_text(article.get("headline")),
        *meta.all("og:title", "twitter:title", "headline", "dc.title"),
    )
    breadcrumb = (structured_data.parse_breadcrumb(nodes) or _parse_visible_breadcrumb(tree))[:_MOST_CRUMBS]
    keywords = (
        structured_data.parse_texts(article.get("keywords")) or meta.all("article:tag") or meta.all("news_keywords", "keywords")
    )
    return PageMetadata(
        headlines=_unique((headline for headline in headlines if headline), most=10),
        declared=bool(article) or "article" in meta.all("og:type") or bool(meta.all("article:published_time")),
        url=_parse_canonical(tree, meta, url),
        description=_first((structured_data.parse_text(article.get("description")), meta.first(_DESCRIPTION))),
        authors=parse_authors(*structured_data.parse_texts(structured_data.resolve(article.get("author"), nodes)))
        or parse_authors(*meta.all(*_AUTHOR))
        or _parse_visible_byline(tree),
        publisher=_parse_publisher((structured_data.parse_text(publisher), *meta.all(*_PUBLISHER))),
        section=_parse_section((structured_data.parse_text(article.get("articleSection")), meta.first(_SECTION))),
        breadcrumb=_unique(breadcrumb, most=_MOST_CRUMBS),
        keywords=_unique((part for keyword in keywords for part in re.split("[,;]", unescape(keyword))), most=_MOST_KEYWORDS),
        language=_parse_language(
            (structured_data.parse_text(article.get("inLanguage")), tree.get("lang"), *meta.all("content-language", "og:locale"))
        ),
        image_url=_parse_image((meta.first(_IMAGE), structured_data.parse_address(article.get("image"))), url),
        date_published=_parse_date((structured_data.parse_text(article.get("datePublished")), *meta.all(*_PUBLISHED)), now),
        date_modified=_parse_date((structured_data.parse_text(article.get("dateModified")), *meta.all(*_MODIFIED)), now),
        paywalled=_parse_paywalled(article, meta),
        article_body=structured_data.parse_text(article.get("articleBody")),
    )
