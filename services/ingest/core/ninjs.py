"""IPTC ninjs document → article submission, or retraction, or what is wrong with it by property.

Before this: `judging`, which tells ninjs from Dateline's own form by `is_ninjs`. After it: `core.acceptance`.
https://iptc.org/std/ninjs/userguide/
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from services.ingest.core.bylines import parse_authors
from services.ingest.core.dates import judge_date, parse_timestamp
from services.ingest.core.html_text import html_to_text
from services.ingest.core.identity import canonical_url
from services.ingest.core.judgements import Refused
from services.ingest.core.ninjs_item import Concept, NinjsItem, Rendition, Spelling, Wording, parse_item
from services.ingest.core.submissions import ArticleSubmission
from shared.articles import HIGHEST_REVISION, Link
from shared.text import clean_line, clean_text

_NATIVE_NAMES = frozenset(["url", "id"])
_NINJS_NAMES = frozenset(
    re.findall(
        r"\w+",
        """headline headlines bodies descriptions pubstatus version versioncreated firstcreated contentcreated representationtype
        profile associations renditions by byline copyrightholder subject subjects standard infosources altids urgency""",
    )
)
_NINJS_PREFIXES = ("body_", "description_", "headline_")
#: Types that are articles; an item without a type is taken for one.
_ARTICLE_TYPES = ("text", "composite")
_MAIN_ROLES = ("main", "headline", "title")
_PUBLISHER_ROLES = ("publisher", "provider", "distributor")
_PAGE_ROLES = ("canonical", "canonicalurl", "url", "weburl", "webpage", "permalink")
_MOST_NAMES, _MOST_LINKS, _LONGEST_NAME = 100, 50, 200
_LONGEST_HEADLINE, _LONGEST_DESCRIPTION = 1000, 10_000
_WEB_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
_DIGITS = re.compile(r"[0-9]{1,16}")
#: A text of this part of the longest is as whole as that.
_AS_WHOLE = 0.8
#: Where each field of the submission comes from, for its errors.
_ORIGIN = {
    "headline": "headlines",
    "body": "bodies",
    "description": "descriptions",
    "id": "uri",
    "url": "uri",
    "revision": "version",
    "authors": "by",
    "publisher": "copyrightholder",
    "section": "subjects",
    "keywords": "subjects",
    "image_url": "associations",
    "related_links": "associations",
    "date_published": "firstcreated",
    "date_modified": "versioncreated",
}


@dataclass(frozen=True, slots=True)
class NinjsRetraction:
    """A canceled item: what its article is known by, and from which revision on it is gone (None: for good)."""

    id: str
    url: str | None
    publisher: str | None
    revision: int | None
    reason: str | None


class _Wrong(Exception):
    """A property that the item is refused for."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name, self.detail = name, detail


def is_ninjs(parsed: object) -> bool:
    """Whether a JSON value is ninjs and not Dateline's own form, which has `url` or `id` where ninjs has `uri`.

    What could be either is Dateline's own.
    """
    if not isinstance(parsed, dict):
        return False
    names = {name.lower() for name in parsed}
    if "uri" not in names or names & _NATIVE_NAMES:
        return False
    return bool(names & _NINJS_NAMES) or any(name.startswith(_NINJS_PREFIXES) for name in names)


def holds_ninjs(document: bytes) -> bool:
    """As `is_ninjs`, for bytes that were not parsed; a line of Dateline's own form is told at the cost of a search for a name."""
    if b'"uri"' not in document.lower():
        return False
    try:
        return is_ninjs(orjson.loads(document))
    except orjson.JSONDecodeError:
        return False


def parse_ninjs(document: bytes, now: datetime) -> ArticleSubmission | NinjsRetraction | Refused:
    """What a ninjs document of version 1, 2 or 3 says.

    An item under embargo is refused until the embargo is over: Dateline has no place where news waits, and what is accepted is
    public a second later. A withheld item is refused; a canceled one retracts its article.

    Args:
        document: one item in JSON.
        now: embargoes end, and dates lie in the future, by this clock.
    """
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        return Refused((("body", f"is not JSON: {error}"),))
    if not isinstance(parsed, dict):
        return Refused((("body", "is no ninjs item: an object with a uri is"),))
    spelling = Spelling()
    item = parse_item(parsed, spelling)
    if not isinstance(item, NinjsItem):
        return Refused(item)
    try:
        return _judge(item, now, spelling)
    except _Wrong as wrong:
        return Refused(((spelling.of(wrong.name), wrong.detail),))


def _judge(item: NinjsItem, now: datetime, spelling: Spelling) -> ArticleSubmission | NinjsRetraction | Refused:
    if item.pubstatus == "canceled":
        reason = clean_line(item.ednote or "")[:1000] or "canceled by the publisher"
        return NinjsRetraction(item.uri, _page_url(item), _publisher(item), _revision(item.version), reason)
    if item.pubstatus == "withheld":
        raise _Wrong("pubstatus", "is withheld: the publisher does not want it to be shown until further notice")
    if item.pubstatus != "usable":
        raise _Wrong("pubstatus", f"is {item.pubstatus[:50]!r}, and none of usable, withheld and canceled")
    embargoed = _time("embargoeduntil", item.embargoeduntil)
    if embargoed is not None and embargoed > now:
        raise _Wrong("embargoeduntil", f"is not over before {embargoed.isoformat()}: send it again then")
    if item.type is not None and item.type not in _ARTICLE_TYPES:
        raise _Wrong("type", f"is {item.type[:50]!r}; only items of the types text and composite are articles")
    fields = _article_fields(item, now)
    try:
        return ArticleSubmission.model_validate({name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        wrong = {_ORIGIN.get(str(each["loc"][0]), str(each["loc"][0])): each["msg"] for each in error.errors(include_url=False)}
        return Refused(tuple((spelling.of(name), detail) for name, detail in wrong.items()))


def _article_fields(item: NinjsItem, now: datetime) -> dict[str, Any]:
    headline = _headline(item)
    published = _date(item, ("firstcreated", "contentcreated", "versioncreated"), now)
    modified = _date(item, ("versioncreated",), now)
    publisher = _publisher(item)
    subjects = _names(item.subjects)
    return {
        "headline": headline,
        "body": _body(item, headline),
        "id": item.uri,
        "url": _page_url(item),
        "revision": _revision(item.version),
        "description": next((text[:_LONGEST_DESCRIPTION] for each in item.descriptions if (text := _text(each))), None),
        "authors": _authors(item.by, publisher),
        "publisher": publisher,
        "section": subjects[0] if subjects else None,
        "keywords": tuple(dict.fromkeys(subjects[1:] + _names(item.genres)))[:_MOST_NAMES],
        "language": _language(item.language),
        "image_url": _image_url(item),
        "related_links": _related_links(item),
        "date_published": published,
        "date_modified": modified if modified != published else None,
    }


def _headline(item: NinjsItem) -> str:
    headline = _main_line(item.headlines) or clean_line(item.title or "")
    if not headline:
        raise _Wrong("headlines", "has no text: an article needs a headline")
    if len(headline) > _LONGEST_HEADLINE:
        raise _Wrong("headlines", f"is longer than {_LONGEST_HEADLINE} characters")
    return headline


def _main_line(headlines: tuple[Wording, ...]) -> str:
    ranked = sorted(headlines, key=lambda each: 0 if each.role in _MAIN_ROLES else 1 if each.role is None else 2)
    return next((line for each in ranked if (line := clean_line(_text(each)))), "")


def _body(item: NinjsItem, headline: str) -> str:
    """The first body with markup, which has paragraphs, unless another one is clearly longer; without the headline on top."""
    readable = [(each.is_markup, _text(each)) for each in item.bodies if each.is_readable]
    if item.bodies and not readable:
        kinds = ", ".join(sorted({str(each.contenttype)[:50] for each in item.bodies}))
        raise _Wrong("bodies", f"has no text/plain nor HTML, only {kinds}")
    longest = max((len(text) for _, text in readable), default=0)
    whole = [(markup, text) for markup, text in readable if len(text) >= _AS_WHOLE * longest]
    body = next((text for markup, text in whole if markup), whole[0][1] if whole else "")
    first, _, rest = body.partition("\n")
    return rest.strip() if clean_line(first) == headline else body


def _text(wording: Wording) -> str:
    return html_to_text(wording.value) if wording.is_markup else clean_text(wording.value)


def _page_url(item: NinjsItem) -> str | None:
    """Where readers find the article: an identifier or rendition that says so, else the uri if it is a web address."""
    pages = [each.value for each in item.altids if each.role and each.role.lower().replace("_", "") in _PAGE_ROLES]
    pages += [each.href for each in item.renditions if each.contenttype and each.contenttype.lower().startswith("text/html")]
    return next((url for url in (*pages, item.uri) if _is_web(url)), None)


def _revision(version: str | int | None) -> int | None:
    """A version that is a number; others cannot be compared, and the article gets the time of acceptance."""
    text = str(version).strip() if version is not None else ""
    if not _DIGITS.fullmatch(text):
        return None
    if not 1 <= int(text) <= HIGHEST_REVISION:
        raise _Wrong("version", f"is {text}; versions count from 1 to {HIGHEST_REVISION}")
    return int(text)


def _date(item: NinjsItem, names: tuple[str, ...], now: datetime) -> datetime | None:
    for name in names:
        time = _time(name, getattr(item, name))
        if time is not None:
            if judge_date(time, now) is None:
                raise _Wrong(name, f"is {time.isoformat()}, which cannot be true of an article now")
            return time
    return None


def _time(name: str, value: str | None) -> datetime | None:
    if value is None or not value.strip():
        return None
    time = parse_timestamp(value)
    if time is None:
        raise _Wrong(name, f"is {value[:50]!r}, and no time like 2026-11-24T12:00:00Z")
    return time


def _authors(by: str | None, publisher: str | None) -> tuple[str, ...]:
    """The names of a byline; agencies write "Jane Roe/DPA"."""
    authors = parse_authors(*(by or "").split("/"))
    return tuple(name for name in authors if name.casefold() != (publisher or "").casefold())[:_MOST_NAMES]


def _publisher(item: NinjsItem) -> str | None:
    """Who provides the item; other sources only say where the information is from."""
    named = [each.name for each in item.infosources if each.role and each.role.lower().rsplit(":", 1)[-1] in _PUBLISHER_ROLES]
    return next((name for each in (*named, item.copyrightholder) if (name := clean_line(each or "")[:_LONGEST_NAME])), None)


def _names(concepts: tuple[Concept, ...]) -> tuple[str, ...]:
    names = (clean_line(each.name or "") for each in concepts)
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= _LONGEST_NAME))


def _language(language: str | None) -> str | None:
    """BCP 47 as Dateline writes it: `en_GB` and `EN-GB` are `en-GB`."""
    first, _, rest = (language or "").strip().replace("_", "-").partition("-")
    return f"{first.lower()}-{rest}" if rest else first.lower() or None


def _image_url(item: NinjsItem) -> str | None:
    """The widest rendition of the first picture, else of the item's own pictures."""
    pictures = [each.renditions for each in item.associations if each.type == "picture"]
    own = tuple(each for each in item.renditions if (each.contenttype or "").startswith("image/"))
    for renditions in (*pictures, own):
        shown = [each for each in renditions if _is_image(each)]
        if shown:
            return max(shown, key=lambda each: each.width or 0).href
    return None


def _related_links(item: NinjsItem) -> tuple[Link, ...]:
    """The associated articles that have a headline and a web address."""
    texts = ((_main_line(each.headlines), each.uri) for each in item.associations if each.type in _ARTICLE_TYPES)
    links = tuple(Link(headline=headline, url=url) for headline, url in texts if headline and url and _is_web(url))
    return links[:_MOST_LINKS]


def _is_image(rendition: Rendition) -> bool:
    kind = rendition.contenttype or "image/"
    return kind.startswith("image/") and _is_web(rendition.href)


def _is_web(url: str | None) -> bool:
    return url is not None and _WEB_URL.fullmatch(url) is not None and canonical_url(url) is not None
