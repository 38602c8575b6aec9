"""A view that a browser reports with the token of its page: whether the token vouches for it."""

from collections.abc import Sequence
from datetime import datetime

from services.ingest.core.judgements import CLOCK_SKEW
from services.ingest.core.submissions import PageViewSubmission
from services.ingest.core.views import RefusedView, ViewReason
from shared.engagement import LONGEST_READING
from shared.page_tokens import PageToken, TokenFault, read_page_token

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


def bound_engaged(reported: int, page: PageToken, now: datetime) -> int:
    """Engaged seconds as they are believed: at least one, and no more than have gone since the page was issued."""
    return max(1, min(reported, LONGEST_READING, int(now.timestamp()) - page.issued))
