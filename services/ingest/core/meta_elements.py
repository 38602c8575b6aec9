"""The meta elements of a page, and the names under which pages of all sorts say the same."""

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from shared.text import clean_line

DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
SECTION = ("article:section", "parsely-section", "cxenseparse:section", "section", "dc.subject", "articlesection")
AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "authors")
PUBLISHER = ("og:site_name", "application-name", "dc.publisher", "publisher")
IMAGE = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
LANGUAGE = ("content-language", "inlanguage", "dc.language", "dcterms.language", "language", "og:locale")
PUBLISHED = [
    "article:published_time",
    "article:published",
    "article.published",
    "datepublished",
    "schema:datepublished",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "date_published",
    "published_at",
    "published",
    "published_time",
    "publication_date",
    "pub_date",
    "pdate",
    "article_date_original",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date.created",
    "dc:date",
    "dc:created",
    "dc.date",
    "date",
]
MODIFIED = [
    "article:modified_time",
    "article:modified",
    "article.updated",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "lastmod",
    "date_modified",
    "schema:datemodified",
    "article_date_updated",
    "updated-date",
    "dc.date.modified",
    "dc:modified",
    "dcterms.modified",
]
#: Properties of microdata and RDFa whose value is the text of their element; not those of a comment.
_WRITTEN_DATES = etree.XPath(
    "descendant::*[@itemprop or @property]"
    '[contains(@itemprop,"date") or contains(@property,"date") or contains(@property,"created")][not(self::meta or self::time)]'
    '[not(ancestor::*[contains(@itemtype,"Comment") or contains(@typeof,"Comment")])]'
)
#: Characters of a written date, and pieces of text that one is put together from.
_LONGEST_DATE, _MOST_PIECES = 100, 20
_LABEL = re.compile(r"^\s*(?:(?:first |last )?(?:published|posted|updated|modified)(?: on)?\s*:?)\s*", re.IGNORECASE)


def _read_value(element: HtmlElement) -> str:
    value = element.get("content") or element.get("datetime") or ""
    if not value and element.tag != "meta":
        value = _LABEL.sub("", " ".join(islice(element.itertext(), _MOST_PIECES)).strip())
        value = value if len(value) <= _LONGEST_DATE else ""
    return clean_line(value)


class MetaElements:
    """The meta elements of a page by name, and the dates that it marks with microdata or RDFa."""

    def __init__(self, tree: HtmlElement) -> None:
        self._values: dict[str, list[str]] = defaultdict(list)
        for element in (*tree.iter("meta", "time"), *_WRITTEN_DATES(tree)):
            if value := _read_value(element):
                attributes = (element.get(attribute) or "" for attribute in ("property", "name", "itemprop", "http-equiv"))
                # Several names may stand in one attribute: itemprop="datePublished dateCreated".
                for name in {name for attribute in attributes for name in (attribute.strip(), *attribute.split()) if name}:
                    self._values[name.lower()].append(value)

    def first(self, names: Iterable[str]) -> str | None:
        """The first value under the first of the names that has one."""
        return next((self._values[name][0] for name in names if name in self._values), None)

    def all(self, *names: str) -> tuple[str, ...]:
        """Every value under the names."""
        return tuple(value for name in names for value in self._values.get(name, ()))
