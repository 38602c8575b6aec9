"""Submission → event, or what is wrong with it by field. Identity and revision are given here, once, and travel.

The same article by two ways is one article; unchanged content makes no event, and changed content a higher revision.

Before this: the door (`api`, `polling`). After it: enrich reads `news.article.published.v1` and `news.article.retracted.v1`.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ingest.core.extracted import ExtractedArticle
from services.ingest.core.identity import Identities, address_identity, canonical_url, name_article, name_entry, site_address
from services.ingest.core.judgements import (
    Judged,
    NewRevision,
    Origin,
    Refused,
    Retraction,
    Unchanged,
    milliseconds,
    new_event,
)
from services.ingest.core.memory import NO_CONTENT, NOBODY, Entry, Known, Look, recognise
from services.ingest.core.submissions import ArticleSubmission
from shared.articles import HIGHEST_REVISION, ArticlePublished, ArticleRetracted, PageComment

#: The text of one article that travels; more is cut at a character, and said (failure-modes F13).
BODY_BYTES = 512 * 1024
#: How far ahead a date of publication may be: time zones are mistaken more often than dates.
_LATEST = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The first newspaper is of 1605; programs write the year 1 for no date.
_FIRST_YEAR = 1600
#: Fields that an article takes over as they are.
_OF_BOTH = (
    *("headline", "description", "authors", "section", "breadcrumb", "keywords", "language", "image_url"),
    *("date_published", "date_modified", "related_links"),
)
_OF_SUBMISSIONS = (*_OF_BOTH, "correction")
_OF_PAGES = (*_OF_BOTH, "url", "paywalled")
#: Comments of a page that travel with its article, and characters of each: an event holds 1 MiB.
_MOST_COMMENTS, _LONGEST_COMMENT = 20, 2_000
#: What differs from one look at a page to the next, though its article is the same.
_BESIDE_THE_ARTICLE = {"article_id", "revision", "date_retrieved", "url", "related_links", "page_comments"}


@dataclass(frozen=True, slots=True)
class _Draft:
    """An article before it is known whether it is new."""

    identities: Identities
    body: str
    fields: dict[str, Any]
    revision: int | None
    retrieved: datetime | None = None


def accept_article(submission: ArticleSubmission, origin: Origin, look: Look, now: datetime) -> Judged:
    """What a submitted article is: a new revision, unchanged, or refused. `look` finds what is known under an identity."""
    if _is_of_another(submission.publisher, origin.publisher):
        return _not_theirs(origin.publisher)
    submission, wrong = _dated(submission, origin, now)
    canonical = canonical_url(submission.url) if submission.url is not None else None
    if canonical is None and submission.id is None:
        wrong += (("url", "an article needs a url or an id, by which it is known again"),)
    original = _original(submission.translation_of, look)
    if original is None and submission.translation_of is not None:
        wrong += (("translation_of", "is no address of an article"),)
    if wrong:
        return Refused(wrong)
    publisher = submission.publisher or origin.publisher
    if origin.feed is not None:
        identities = name_entry(origin.feed, submission.id, canonical, submission.headline)
    else:
        identities = name_article(publisher, submission.id, canonical, submission.headline)
    fields = {name: getattr(submission, name) for name in _OF_SUBMISSIONS}
    fields |= {"url": canonical, "publisher": publisher, "translation_of": original}
    return _judge(_Draft(identities, submission.body, fields, submission.revision), origin, look, now)


def accept_page(page: ExtractedArticle, named: str | None, origin: Origin, look: Look, now: datetime) -> Judged:
    """As `accept_article`, for what was extracted from a page.

    `named` is the publisher that the sender names, before the one that the page names.
    """
    if _is_of_another(named, origin.publisher):
        return _not_theirs(origin.publisher)
    publisher = named or origin.publisher or page.publisher
    identities = name_article(publisher, None, page.url, page.headline)
    fields = {name: getattr(page, name) for name in _OF_PAGES} | {"publisher": publisher, "page_comments": _comments(page)}
    return _judge(_Draft(identities, page.body, fields, None, page.date_retrieved), origin, look, now)


def accept_retraction(
    identity: str, revision: int | None, reason: str | None, origin: Origin, look: Look, now: datetime
) -> Retraction | Refused:
    """The event that retracts an article, known or not.

    Without a revision it is final: it takes the highest there is, so that the article does not come back when it comes again, or
    for the first time. With one, only a higher revision of the publisher brings the article back.
    """
    own_id = bytes.fromhex(identity)
    known = look(own_id)
    if _is_owned_by_another(known, origin):
        return Refused((("article_id", "this article is another publisher's"),))
    retraction = ArticleRetracted(article_id=identity, revision=revision or HIGHEST_REVISION, date_retracted=now, reason=reason)
    # Whatever comes after it must be taken for changed, so that the index decides.
    entry = Entry(Known(own_id, revision or milliseconds(now), NO_CONTENT, known.owner if known else NOBODY))
    return Retraction(new_event(retraction, f"{identity}.{retraction.revision}.retracted", now), entry)


def _judge(draft: _Draft, origin: Origin, look: Look, now: datetime) -> Judged:
    known = recognise(draft.identities, look)
    if known is not None and origin.feed is not None and known.sent:
        return Unchanged(known.article_id.hex(), known.revision, draft.fields["headline"], draft.fields["url"], gave_way=True)
    if _is_owned_by_another(known, origin):
        return Refused((("url", "the article at this address is another publisher's"),))
    names = draft.identities.all()
    own_id = known.article_id if known is not None else names[0]
    body, truncated = _cut(draft.body)
    # Not validated again, which would cost a third of all that is done here: submissions and pages have the same types.
    article = ArticlePublished.model_construct(
        article_id=own_id.hex(),
        revision=draft.revision or _next_revision(known, now),
        body=body,
        truncated=truncated,
        date_retrieved=draft.retrieved or now,
        **draft.fields,
    )
    content = _content_hash(article)
    if known is not None and content == known.content and draft.revision in (None, known.revision):
        return Unchanged(article.article_id, known.revision, article.headline, article.url)
    entry = Entry(
        Known(
            own_id,
            article.revision,
            content,
            _owner(origin) if origin.publisher or known is None else known.owner,
            has_own_id=draft.identities.own is not None or (known is not None and known.has_own_id),
            sent=origin.feed is None,
        ),
        names,
    )
    event = new_event(article, f"{article.article_id}.{article.revision}", now)
    return NewRevision(event, entry, is_new=known is None)


def _next_revision(known: Known | None, now: datetime) -> int:
    """The time in milliseconds, and always more than before: clocks of two machines, or of one, may go back."""
    return max(milliseconds(now), known.revision + 1 if known is not None else 0)


def _content_hash(article: ArticlePublished) -> bytes:
    """Of what a reader would notice: not of the way in which the address is written."""
    content = article.model_dump_json(exclude=_BESIDE_THE_ARTICLE, exclude_defaults=True)
    address = site_address(article.url) if article.url is not None else ""
    return hashlib.blake2b(f"{address}\n{content}".encode(), digest_size=len(NO_CONTENT)).digest()


def _owner(origin: Origin) -> bytes:
    if origin.publisher is None:
        return NOBODY
    return hashlib.blake2b(origin.publisher.casefold().encode(), digest_size=len(NOBODY)).digest()


def _is_owned_by_another(known: Known | None, origin: Origin) -> bool:
    return known is not None and origin.publisher is not None and known.owner not in (NOBODY, _owner(origin))


def _dated(submission: ArticleSubmission, origin: Origin, now: datetime) -> tuple[ArticleSubmission, tuple[tuple[str, str], ...]]:
    """Without impossible dates where it was found, which are nobody's fault; with errors for them where it was sent."""
    dates = {"date_published": submission.date_published, "date_modified": submission.date_modified}
    wrong = tuple((field, reason) for field, date in dates.items() if date is not None and (reason := _why_impossible(date, now)))
    if wrong and origin.feed is not None:
        return submission.model_copy(update=dict.fromkeys((field for field, _ in wrong), None)), ()
    return submission, wrong


def _why_impossible(date: datetime, now: datetime) -> str | None:
    if date > now + _LATEST:
        return "lies more than a day in the future"
    if date.year < _FIRST_YEAR:
        return f"lies before {_FIRST_YEAR}, when there was no news: {date.year} stands for no date"
    if date == _EPOCH:
        return "is the beginning of Unix time, which stands for no date"
    return None


def _comments(page: ExtractedArticle) -> tuple[PageComment, ...]:
    return tuple(
        comment.model_copy(update={"text": comment.text[:_LONGEST_COMMENT]}) if len(comment.text) > _LONGEST_COMMENT else comment
        for comment in page.comments[:_MOST_COMMENTS]
    )


def _original(named: str | None, look: Look) -> str | None:
    """The id of the article that is named by its id or its address."""
    if named is None or not named.startswith("http"):
        return named
    canonical = canonical_url(named)
    if canonical is None:
        return None
    address = address_identity(canonical)
    known = look(address)
    return (known.article_id if known is not None else address).hex()


def _is_of_another(named: str | None, allowed: str | None) -> bool:
    return named is not None and allowed is not None and named.casefold() != allowed.casefold()


def _not_theirs(publisher: str | None) -> Refused:
    return Refused((("publisher", f"this token publishes for {publisher} only"),))


def _cut(text: str) -> tuple[str, bool]:
    encoded = text.encode()
    if len(encoded) <= BODY_BYTES:
        return text, False
    return encoded[:BODY_BYTES].decode("utf-8", "ignore"), True
