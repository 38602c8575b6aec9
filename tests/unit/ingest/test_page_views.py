"""Page tokens at the door: which vouch for a view, and for how many."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.core.page_views import bound_engaged, judge_page_token
from services.ingest.core.paid_tokens import Paid, PaidTokens
from services.ingest.core.submissions import PageViewSubmission
from services.ingest.core.views import RefusedView, ViewReason
from shared.engagement import LONGEST_READING
from shared.page_tokens import PageToken, issue_page_token
from tests.builders import ARTICLE_ID, NOON

KEY, PREVIOUS_KEY, FOREIGN_KEY = b"k" * 32, b"p" * 32, b"f" * 32
NOW = int(NOON.timestamp())


def a_token(number=0, key=KEY, article_id=ARTICLE_ID, ago=60):
    return issue_page_token(key, PageToken(article_id, NOW - ago, NOW - ago + 7200, f"{number:016x}"))


def reason(token, article_id=ARTICLE_ID):
    judged = judge_page_token(PageViewSubmission(page_token=token, article_id=article_id), (KEY, PREVIOUS_KEY), NOON)
    return judged.reason if isinstance(judged, RefusedView) else None


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (a_token(), None),
        (a_token(key=PREVIOUS_KEY), None),
        (a_token(key=FOREIGN_KEY), ViewReason.FORGED),
        (a_token()[:-1], ViewReason.FORGED),
        (a_token().replace(ARTICLE_ID, "f" * 32), ViewReason.FORGED),
        (a_token(ago=7199), None),
        (a_token(ago=7200), ViewReason.EXPIRED),
        (a_token(key=FOREIGN_KEY, ago=7200), ViewReason.FORGED),
        (a_token(article_id="f" * 32), ViewReason.FOREIGN),
        (a_token(ago=-300), None),
        (a_token(ago=-301), ViewReason.FUTURE),
    ],
)
def test_a_token_vouches_for_its_article_in_its_time(token, why):
    assert reason(token) is why


@pytest.mark.parametrize("more", [{"count": 500}, {"weight": 2}, {"time": NOON}, {"visitor": "ada"}, {"address": "192.0.2.1"}])
def test_who_has_a_page_token_says_neither_how_often_nor_when_nor_who(more):
    with pytest.raises(ValidationError, match="Extra inputs"):
        PageViewSubmission(page_token=a_token(), article_id=ARTICLE_ID, **more)


@pytest.mark.parametrize(("reported", "believed"), [(1, 1), (60, 60), (61, 60), (86_400, 60)])
def test_no_page_is_read_for_longer_than_it_exists(reported, believed):
    assert bound_engaged(reported, PageToken(ARTICLE_ID, NOW - 60, NOW + 7140, "0" * 16), NOON) == believed


def test_no_page_is_read_for_longer_than_half_an_hour():
    page = PageToken(ARTICLE_ID, NOW, NOW + 7200, "0" * 16)

    assert bound_engaged(7000, page, NOON + timedelta(hours=2)) == LONGEST_READING == 1800


@pytest.mark.parametrize("times", [1, 3])
def test_a_token_pays_for_so_many_views_and_then_it_is_a_replay(times):
    paid = PaidTokens(1000, times)

    assert [paid.pay(a_token(), Paid.VIEW) for _ in range(100_000)].count(True) == times
    assert paid.pay(a_token(1), Paid.VIEW)


def test_a_view_and_engaged_time_are_paid_for_apart():
    paid = PaidTokens(1000, 1)

    assert [paid.pay(a_token(), what) for what in (Paid.VIEW, Paid.ENGAGED, Paid.VIEW, Paid.ENGAGED)] == [True, True, False, False]


def test_a_token_has_not_paid_for_what_did_not_come_about():
    paid = PaidTokens(1000, 1)
    paid.pay(a_token(), Paid.VIEW)
    paid.give_back(a_token(), Paid.VIEW)

    assert [paid.pay(a_token(), Paid.VIEW) for _ in range(2)] == [True, False]


def test_without_a_limit_any_number_is_paid_for():
    paid = PaidTokens(1000, 0)

    assert all(paid.pay(a_token(), Paid.VIEW) for _ in range(1000))


@given(st.lists(st.integers(0, 30), max_size=200))
def test_the_last_tokens_are_remembered_and_no_more_than_twice_as_many(numbers):
    most = 8
    paid = PaidTokens(most, 1)
    last: dict[int, int] = {}
    for place, number in enumerate(numbers):
        pays = paid.pay(a_token(number), Paid.VIEW)
        newer = len({other for other, seen in last.items() if seen >= last.get(number, -1)}) - 1
        if number not in last:
            assert pays
        elif newer < most:
            assert not pays
        if pays:
            last[number] = place
