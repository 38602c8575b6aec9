"""What feeds of every format become: a title, entries as submissions, and what else the feed says of itself.

Before this: the parsers (`xml_feeds`, `json_feed`, `sitemaps`). After it: `core.acceptance` makes events of the entries.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, ValidationError
from w3lib.url import safe_url_string

from services.ingest.core.identity import LONGEST_URL, join_url
from services.ingest.core.submissions import ArticleSubmission
from services.ingest.core.teasers import judge_teaser
from shared.articles import Frozen, WebURL
from shared.text import clean_line

#: The newest entries that one poll takes (failure-modes F35).
MOST_ENTRIES = 500
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
#: Of publishers, authors, sections and keywords.
LONGEST_NAME = 200


class NoFeed(Frozen):
    """Why these bytes are no feed."""

    reason: str


class Feed(Frozen):
    """What a feed says now. `broken` entries are those that lack a headline or an address; `truncated` ones came after the newest.

    `teasers` are the addresses of the entries whose text is only a beginning or a summary of the article.
    """

    title: str
    format: str = Field(default="rss", description="rss, atom, json, sitemap")
    entries: tuple[ArticleSubmission, ...] = ()
    teasers: frozenset[str] = frozenset()
    broken: int = 0
    truncated: int = 0
    ttl_seconds: float | None = Field(default=None, description="how long the feed says that it stays as it is")
    hub_url: WebURL | None = Field(default=None, description="the WebSub hub that it names")
    self_url: WebURL | None = Field(default=None, description="what it calls itself, the topic at its hub")
    sitemaps: tuple[WebURL, ...] = Field(default=(), description="the sitemaps that a sitemap index names, newest first")


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry as read: fields named as in ArticleSubmission, and whether its text was given as the content, not as a summary."""

    fields: dict[str, Any]
    is_content: bool = False


@dataclass(frozen=True, slots=True)
class CollectedEntries:
    """Drafts that became submissions, in their order; fields as in `Feed`."""

    entries: tuple[ArticleSubmission, ...]
    teasers: frozenset[str]
    broken: int


def collect_entries(drafts: Iterable[EntryDraft]) -> CollectedEntries:
    """Submissions of the drafts, without those that are broken or stand in the document twice.

    An id that different addresses share names none of them (generators that give the site's address for every guid): it is left
    out, so that no article takes the place of another.
    """
    built = [(draft, build_submission(draft.fields)) for draft in drafts]
    good = [(draft, submission) for draft, submission in built if submission is not None]
    addresses = {(submission.id, submission.url) for _, submission in good}
    shared_ids = {own for own, count in Counter(own for own, url in addresses if url).items() if own and count > 1}
    entries: dict[object, ArticleSubmission] = {}
    teasers = set()
    for draft, submission in good:
        entry = submission.model_copy(update={"id": None}) if submission.id in shared_ids and submission.url else submission
        key = (entry.id, entry.url)
        if key in entries:
            continue
        entries[key] = entry
        if entry.url and judge_teaser(entry.body, is_content=draft.is_content):
            teasers.add(entry.url)
    return CollectedEntries(tuple(entries.values()), frozenset(teasers), len(built) - len(good))


def build_submission(fields: dict[str, Any]) -> ArticleSubmission | None:
    """The submission, without the fields that are wrong but can be spared; None without a headline, or an address and an id."""
    if not (fields.get("url") or fields.get("id")):
        return None
    try:
        return ArticleSubmission.model_validate(fields)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
    if wrong & {"headline", "body"}:
        return None
    return build_submission({name: value for name, value in fields.items() if name not in wrong})


def web_address(base: str | None, address: object) -> str | None:
    """The http(s) address that is meant, in ASCII, relative ones resolved against `base`; None if there is none."""
    if not isinstance(address, str) or not address.strip() or len(address) > LONGEST_URL:
        return None
    text = address.strip()
    text = f"https://{text}" if text[:4].lower() == "www." else text
    joined = join_url(base, text)
    try:
        safe = safe_url_string(joined) if joined and _WEB_ADDRESS.match(joined) else ""
    except ValueError:
        return None
    return safe if _WEB_ADDRESS.match(safe) and len(safe) <= LONGEST_URL else None


def plain_names(values: Iterable[object], most: int = 100) -> tuple[str, ...]:
    """Names or keywords: clean, each once, without what is no text or too long for a name."""
    names = (clean_line(value) for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= LONGEST_NAME))[:most]


def newest(times: list[datetime | None], most: int = MOST_ENTRIES) -> list[int]:
    """Which of many entries are the `most` newest, in the order of the document. Without dates those that stand first."""
    oldest = datetime.min.replace(tzinfo=UTC)
    by_age = sorted(range(len(times)), key=lambda number: times[number] or oldest, reverse=True)
    return sorted(by_age[:most])
