"""Views that browsers send by themselves, with the token of the page that they show and no token of ingest.

Before it: `views_api`. After it: `core.page_views` judges the token, `core.paid_tokens` whether it has been used, `door` the view.
"""

from dataclasses import dataclass

from fastapi import Request, Response

from services.ingest.core.page_views import bound_engaged, judge_page_token
from services.ingest.core.paid_tokens import Paid, PaidTokens
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import PageViewSubmission
from services.ingest.core.views import RefusedView, ViewReason
from services.ingest.door import Door, count_refused_views, now_utc
from services.ingest.judging import parse_body
from services.ingest.requests import read_body, unknown_token
from shared.addresses import Network
from shared.web import Problem

#: A token, an id and a number take a tenth of it.
_MOST_BYTES = 4096
_PREFLIGHT_SECONDS = 86_400
_TOKEN_FIELD = b'"page_token"'
_REPLAYED = RefusedView(ViewReason.REPLAYED, "page_token", "has been used")


@dataclass(frozen=True, slots=True)
class ReaderRules:
    """What is believed about readers and their pages.

    `proxies` are the networks of the proxies whose X-Forwarded-For is believed. `page_keys` sign page tokens; without any, views of
    browsers are not taken. `origins` are those of the pages that may send views, such as `https://news.example`. A token pays for
    `views_a_token` (0: any number), and at least the last `remembered_tokens` are remembered.
    """

    proxies: tuple[Network, ...] = ()
    page_keys: tuple[bytes, ...] = ()
    origins: frozenset[str] = frozenset()
    views_a_token: int = 1
    remembered_tokens: int = 10_000


class PageViews:
    """Takes one view a request. All calls come from one event loop."""

    def __init__(self, door: Door, rules: ReaderRules) -> None:
        self._door = door
        self._rules = rules
        self._paid = PaidTokens(rules.remembered_tokens, rules.views_a_token)

    async def record(self, request: Request, sender: Reader) -> Response:
        """Record the view of the sender, now, or for how long the page was read, or a share; 204 when Kafka has acknowledged it.

        Problems: 401 without a token, 403 for a page or a token that vouches for nothing, 422 for what cannot be counted.
        """
        if not self._rules.page_keys:
            raise unknown_token()
        body = await read_body(request, _MOST_BYTES)
        allowed = self._allow(request)
        if _TOKEN_FIELD not in body:
            count_refused_views([ViewReason.BLIND])
            raise unknown_token()
        submission = parse_body(PageViewSubmission, body, "view")
        page = judge_page_token(submission, self._rules.page_keys, now_utc())
        if isinstance(page, RefusedView):
            raise _refusal(page, 403, allowed)
        reader = self._door.judge_page_view(page.article_id, sender)
        if isinstance(reader, RefusedView):
            raise _refusal(reader, 422, allowed)
        what = _what_of(submission)
        if not self._paid.pay(submission.page_token, what):  # before it is sent, so that of two at once only one is taken
            raise _refusal(_REPLAYED, 403, allowed)
        try:
            if what is Paid.VIEW:
                await self._door.record_views([self._door.place(reader)])
            elif what is Paid.SHARE:
                await self._door.report_shares([reader])
            else:
                await self._door.report_reading(reader, bound_engaged(submission.engaged_seconds or 1, page, now_utc()))
        except BaseException:
            self._paid.give_back(submission.page_token, what)
            raise
        return Response(status_code=204, headers=allowed)

    def answer_preflight(self, request: Request) -> Response:
        """What a browser asks before it sends JSON to another origin (https://fetch.spec.whatwg.org/#cors-preflight-fetch)."""
        allowed = self._allow(request)
        more = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
        return Response(status_code=204, headers=allowed | more | {"Access-Control-Max-Age": str(_PREFLIGHT_SECONDS)})

    def _allow(self, request: Request) -> dict[str, str]:
        """The headers for the page that sends the request; Problem 403 when it is of an origin that may not.

        Who is no browser sends none, and pages that keep it to themselves send `null`: there the token alone decides. Beacons are
        always sent "with credentials", though none are looked at.
        """
        origin = request.headers.get("Origin", "null")
        if origin == "null":
            return {}
        if origin not in self._rules.origins:
            raise _refusal(RefusedView(ViewReason.ORIGIN, "Origin", "is not among those whose pages may send views"), 403, {})
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin"}


def _what_of(submission: PageViewSubmission) -> Paid:
    if submission.shared:
        return Paid.SHARE
    return Paid.VIEW if submission.engaged_seconds is None else Paid.ENGAGED


def _refusal(refused: RefusedView, status: int, headers: dict[str, str]) -> Problem:
    count_refused_views([refused.reason])
    return Problem(status, "this view is not counted", [{"field": refused.field, "detail": refused.detail}], headers)
