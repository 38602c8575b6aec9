"""The full texts of a feed's entries: their pages are fetched where the feed carries only teasers, or as its definition says.

Before it: `core.feeds`. After it: `door.take_entries`. A page that cannot be had costs nothing else: its entry stays a teaser.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from services.ingest.core.extracted import ExtractedArticle, NoArticle
from services.ingest.core.feed_records import FullText
from services.ingest.core.full_text import is_page_of, merge_page, page_content
from services.ingest.core.submissions import ArticleSubmission
from shared.guarded_fetch import Fetched, FetchFailed

#: Reasons that are told of one poll; the others are counted together.
_MOST_REASONS = 5
_LONGEST_REASON = 200
FetchPage = Callable[[str], Fetched]
#: (page, its address, now) -> the article in it.
Extract = Callable[[bytes, str, datetime], ExtractedArticle | NoArticle]


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What the pages of one poll may take: a host with a long delay must not hold up the other feeds."""

    most_pages: int = 50
    most_seconds: float = 120.0


_LIMITS = PageLimits()


def needs_page(entry: ArticleSubmission, teasers: AbstractSet[str], full_text: FullText) -> bool:
    """Whether the page of an entry is wanted. `teasers` are the addresses of the entries whose text is not whole."""
    if entry.url is None or full_text is FullText.NEVER:
        return False
    return full_text is FullText.ALWAYS or entry.url in teasers


def complete_entries(
    entries: Sequence[ArticleSubmission],
    teasers: AbstractSet[str],
    full_text: FullText,
    fetch_page: FetchPage,
    extract: Extract,
    now: datetime,
    limits: PageLimits = _LIMITS,
) -> tuple[list[ArticleSubmission], tuple[str, ...]]:
    """The entries in their order, each with the full text if it was wanted and could be had; and notes for people on the others.

    Args:
        entries: those that are new or changed; pages are fetched one after the other.
        teasers: addresses of the entries whose text is only a beginning or a summary.
        full_text: as the feed's definition says.
        fetch_page: `PageFetcher.fetch_page`; what it raises beside FetchFailed ends everything, such as Stopping.
        extract: finds the article in a page; `page_extractor.PageExtractors.extract_html`.
        now: dates after it are not believed.
        limits: what goes beyond them keeps its teaser.
    """
    ends = time.monotonic() + limits.most_seconds
    completed: list[ArticleSubmission] = []
    reasons: Counter[str] = Counter()
    asked = 0
    for entry in entries:
        if not needs_page(entry, teasers, full_text):
            completed.append(entry)
            continue
        if asked >= limits.most_pages:
            judged: ArticleSubmission | str = f"at most {limits.most_pages} are fetched in one poll"
        elif asked and time.monotonic() >= ends:
            judged = f"those before them took {limits.most_seconds:g} s, the most in one poll"
        else:
            asked += 1
            judged = _complete(entry, fetch_page, extract, now)
        if isinstance(judged, str):
            reasons[judged[:_LONGEST_REASON]] += 1
        completed.append(entry if isinstance(judged, str) else judged)
    return completed, _notes(reasons)


def _complete(entry: ArticleSubmission, fetch_page: FetchPage, extract: Extract, now: datetime) -> ArticleSubmission | str:
    """The entry with the text of its page, or why it stays as it is."""
    try:
        fetched = fetch_page(entry.url or "")
    except FetchFailed as error:
        return str(error)
    page = extract(page_content(fetched.content, fetched.headers.get("content-type", "")), fetched.url, now)
    if isinstance(page, NoArticle):
        return page.reason
    if not is_page_of(entry, page):
        return "it shows another text than the feed announces"
    return merge_page(entry, page)


def _notes(reasons: Counter[str]) -> tuple[str, ...]:
    told = reasons.most_common(_MOST_REASONS)
    rest = reasons.total() - sum(count for _, count in told)
    notes = [f"{_pages(count)} not taken: {reason}" for reason, count in told]
    return (*notes, f"{_pages(rest)} not taken for other reasons") if rest else tuple(notes)


def _pages(count: int) -> str:
    return f"{count} page{'s' if count > 1 else ''}"
