"""An entry of a feed and the page that it leads to → one submission: the feed says what is new, the page has the whole text.

Before it: `core.feeds` and `core.html_page`. After it: `core.acceptance`.
"""

import re
import unicodedata
from typing import Any

from w3lib.encoding import html_to_unicode

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.identity import same_site
from services.ingest.core.submissions import ArticleSubmission

#: The page's text is taken if it is so many times as long as the entry's; about as long, the entry's has no menus in it.
_FULLER = 1.2
#: Part of the entry's words that its page has at least. A page of consent, of an offer or of another article has fewer.
_LEAST_COMMON = 1 / 3
#: Words of the entry that are looked for, and characters of its text that they are taken from.
_TEASER_CHARACTERS = 400
_SHORTEST_WORD = 4
#: As long as `submissions` allows.
_LONGEST_NAME, _LONGEST_DESCRIPTION, _MOST_LINKS = 200, 10_000, 50
_WORD = re.compile(r"\w+")
# Scripts that part words by nothing: Thai, Lao, Burmese, Khmer, and Han with the kana.
_UNPARTED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def merge_page(entry: ArticleSubmission, page: ExtractedArticle) -> ArticleSubmission:
    """The entry with what its page has beside it.

    Headline, dates, publisher and id are the feed's; the page fills what the feed leaves out, but never the publisher, which the
    article is known by. The address becomes the canonical one of the page if that is on the same site and the entry has an id of
    its own: without an id, the article is known by its address, and this must not change with whether the page could be had.
    """
    fuller = len(page.body) > _FULLER * len(entry.body)
    filled: dict[str, Any] = {
        "body": page.body if fuller else entry.body,
        "description": entry.description or _cut(page.description) or (_cut(entry.body) if fuller else None),
        "authors": entry.authors or _names(page.authors, 100),
        "section": entry.section or _name(page.section),
        "breadcrumb": entry.breadcrumb or _names(page.breadcrumb, 20),
        "keywords": entry.keywords or _names(page.keywords, 100),
        "language": entry.language or page.language,
        "image_url": entry.image_url or page.image_url,
        "date_published": entry.date_published or page.date_published,
        "date_modified": entry.date_modified or page.date_modified,
        "related_links": entry.related_links or page.related_links[:_MOST_LINKS],
    }
    if entry.id is not None and entry.url is not None and page.url is not None and same_site(entry.url, page.url):
        filled["url"] = page.url
    return entry.model_copy(update=filled)


def is_page_of(entry: ArticleSubmission, page: ExtractedArticle) -> bool:
    """Whether the page is that of the entry, by the words of the entry's headline and text that it has."""
    wanted = _terms(f"{entry.headline}\n{entry.body[:_TEASER_CHARACTERS]}")
    found = _terms(f"{page.headline}\n{page.description or ''}\n{page.body}")
    return not wanted or len(wanted & found) >= _LEAST_COMMON * len(wanted)


def page_content(content: bytes, content_type: str) -> bytes:
    """The page, its encoding in itself: what the HTTP answer declares stands above what the page says (WHATWG), and is put into it.

    Args:
        content: as received.
        content_type: the header, with or without a charset.
    """
    if "charset" not in content_type.lower():
        return content
    _, text = html_to_unicode(content_type, content, default_encoding="utf8")
    return b"\xef\xbb\xbf" + text.encode("utf-8", "replace")  # the mark stands above a charset in the page


def _terms(text: str) -> frozenset[str]:
    """The words that tell a text from others; of a script without blanks each two characters."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    terms: set[str] = set()
    for word in words:
        if _UNPARTED.search(word):
            terms.update(word[place : place + 2] for place in range(len(word) - 1))
        elif len(word) >= _SHORTEST_WORD:
            terms.add(word)
    return frozenset(terms)


def _name(value: str | None) -> str | None:
    return value if value and len(value) <= _LONGEST_NAME else None


def _names(values: tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(value for value in values if _name(value))[:most]


def _cut(text: str | None) -> str | None:
    return text[:_LONGEST_DESCRIPTION].strip() or None if text else None
