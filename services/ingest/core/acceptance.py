"""Submission → event, or what is wrong with it by field. Identity and revision are given here, once, and travel.

Before this: the door (`api`, `polling`). After it: enrich reads `news.article.published.v1` and `news.article.retracted.v1`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.identity import article_id, canonical_url
from services.ingest.core.submissions import ArticleSubmission, CommentSubmission
from shared.articles import HIGHEST_REVISION, ArticlePublished, ArticleRetracted
from shared.comments import CommentPosted
from shared.events import Body, Event

B = TypeVar("B", bound=Body)

SOURCE = "dateline/ingest"
#: The text of one article that travels; more is cut at a character, and said (failure-modes F13).
BODY_BYTES = 512 * 1024
#: How far ahead of ours a sender's clock may be (failure-modes F15).
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a submission is not accepted, by field."""

    errors: tuple[tuple[str, str], ...]


def accept_article(submission: ArticleSubmission, now: datetime, publisher: str | None = None) -> Event[ArticlePublished] | Refused:
    """The event that publishes a submitted article; `publisher` is the only one that its sender may publish for."""
    if _is_of_another(submission.publisher, publisher):
        return _not_theirs(publisher)
    canonical = canonical_url(submission.url) if submission.url is not None else None
    if canonical is None and submission.id is None:
        return Refused((("url", "an article needs a url or an id, by which it is known again"),))
    body, truncated = _cut(submission.body)
    publisher = submission.publisher or publisher
    identity = article_id(publisher, submission.id, canonical, submission.headline)
    article = ArticlePublished(
        article_id=identity,
        revision=submission.revision or _milliseconds(now),
        body=body,
        truncated=truncated,
        url=canonical,
        date_retrieved=now,
        publisher=publisher,
        **submission.model_dump(exclude={"id", "revision", "body", "url", "publisher"}),
    )
    return _event(article, f"{identity}.{article.revision}", now)


def accept_page(
    page: ExtractedArticle, named: str | None, now: datetime, publisher: str | None = None
) -> Event[ArticlePublished] | Refused:
    """The event that publishes what was extracted from a page.

    `named` is the publisher that the sender names, before the one that the page names; `publisher` is as in `accept_article`.
    """
    if _is_of_another(named, publisher):
        return _not_theirs(publisher)
    publisher = named or publisher or page.publisher
    body, truncated = _cut(page.body)
    identity = article_id(publisher, None, page.url, page.headline)
    article = ArticlePublished(
        article_id=identity,
        revision=_milliseconds(now),
        headline=page.headline,
        body=body,
        truncated=truncated,
        url=page.url,
        description=page.description,
        authors=page.authors,
        publisher=publisher,
        section=page.section,
        breadcrumb=page.breadcrumb,
        keywords=page.keywords,
        language=page.language,
        image_url=page.image_url,
        date_published=page.date_published,
        date_modified=page.date_modified,
        date_retrieved=page.date_retrieved or now,
        related_links=page.related_links,
    )
    return _event(article, f"{identity}.{article.revision}", now)


def accept_retraction(identity: str, revision: int | None, reason: str | None, now: datetime) -> Event[ArticleRetracted]:
    """The event that retracts an article, known or not.

    Without a revision it is final: it takes the highest there is, so that the article does not come back when it comes again, or
    for the first time. With one, only a higher revision of the publisher brings the article back.
    """
    revision = revision or HIGHEST_REVISION
    retraction = ArticleRetracted(article_id=identity, revision=revision, date_retracted=now, reason=reason)
    return _event(retraction, f"{identity}.{retraction.revision}.retracted", now)


def accept_comment(submission: CommentSubmission, now: datetime) -> Event[CommentPosted] | Refused:
    """The event that posts a comment."""
    if submission.time is not None and submission.time > now + CLOCK_SKEW:
        return Refused((("time", "lies in the future"),))
    own = submission.id or f"{submission.author}\n{submission.text}"
    comment_id = hashlib.sha256(f"comment:{submission.article_id}:{own}".encode()).hexdigest()[:32]
    comment = CommentPosted(
        comment_id=comment_id,
        article_id=submission.article_id,
        revision=_milliseconds(now),
        author=submission.author,
        text=submission.text,
        time=submission.time or now,
    )
    return _event(comment, f"{comment_id}.{comment.revision}", now)


def _is_of_another(named: str | None, allowed: str | None) -> bool:
    return named is not None and allowed is not None and named.casefold() != allowed.casefold()


def _not_theirs(publisher: str | None) -> Refused:
    return Refused((("publisher", f"this token publishes for {publisher} only"),))


def _event(body: B, own_id: str, now: datetime) -> Event[B]:
    return Event(id=own_id, source=SOURCE, time=now, accepted=now, body=body)


def _milliseconds(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _cut(text: str) -> tuple[str, bool]:
    encoded = text.encode()
    if len(encoded) <= BODY_BYTES:
        return text, False
    return encoded[:BODY_BYTES].decode("utf-8", "ignore"), True
