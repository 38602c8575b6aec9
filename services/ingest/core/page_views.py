"""A view that a browser reports with the token of its page: whether the token vouches for it."""

from collections.abc import Sequence
from datetime import datetime

from services.ingest.core.judgements import CLOCK_SKEW, SOURCE
from services.ingest.core.submissions import PageViewSubmission
from services.ingest.core.views import AcceptedView, RefusedView, ViewReason
from shared.engagement import ReadingReported, ShareReported
from shared.events import Body, Event
from shared.page_tokens import PageToken, TokenFault, read_page_token

#: One page is not read for longer than this, whatever is said.
MOST_ENGAGED_SECONDS = 1800
_FAULTS = {
    TokenFault.FORGED: RefusedView(ViewReason.FORGED, "page_token", "was not issued by us, or is not whole"),
    TokenFault.EXPIRED: RefusedView(ViewReason.EXPIRED, "page_token", "is over: the page was opened too long ago"),
}


def judge_page_token(submission: PageViewSubmission, keys: Sequence[bytes], now: datetime) -> PageToken | RefusedView:
    """What the token of a view says, or why the view is refused."""
    page = read_page_token(submission.page_token, keys, int(now.timestamp()))
    if isinstance(page, TokenFault):
        return _FAULTS[page]
    if page.article_id != submission.article_id:
        return RefusedView(ViewReason.FOREIGN, "page_token", "is that of another article's page")
    if page.issued > (now + CLOCK_SKEW).timestamp():
        return RefusedView(ViewReason.FUTURE, "page_token", "was issued in the future")
    return page


def build_reading(submission: PageViewSubmission, page: PageToken, reader: AcceptedView, now: datetime) -> Event[Body]:
    """The event for engaged seconds that a page reports; a page reports them once, so its token tells them apart."""
    body = ReadingReported(
        article_id=page.article_id,
        visitor=reader.visitor,
        time=reader.time,
        engaged_seconds=bound_engaged(submission.engaged_seconds or 1, page, now),
        network=reader.network,
    )
    return Event(id=submission.page_token.rpartition(".")[2], source=SOURCE, time=now, accepted=now, body=body)


def build_share(reader: AcceptedView, now: datetime) -> Event[Body]:
    """The event for a share by a reader. Shares of a reader and article on a day have one id: they are one share."""
    body = ShareReported(article_id=reader.article_id, visitor=reader.visitor, time=reader.time, network=reader.network)
    return Event(id=f"share.{reader.article_id}.{reader.visitor}", source=SOURCE, time=now, accepted=now, body=body)


def bound_engaged(reported: int, page: PageToken, now: datetime) -> int:
    """Engaged seconds as they are believed: at least one, and no more than have gone since the page was issued."""
    return max(1, min(reported, MOST_ENGAGED_SECONDS, int(now.timestamp()) - page.issued))
