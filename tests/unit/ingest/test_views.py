"""Views -> records, or why they are refused."""

from datetime import timedelta

import pytest

from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewSubmission
from services.ingest.core.views import RefusedView, ViewReason, judge_view
from services.ingest.salts import DailySalt
from tests.builders import ARTICLE_ID, NOON

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def judged(agent=BROWSER, **fields):
    return judge_view(ViewSubmission(article_id=ARTICLE_ID, **fields), Reader("192.0.2.1", agent), b"salt", names_robot, NOON)


def reason(view):
    return view.reason if isinstance(view, RefusedView) else None


def test_a_view_is_of_the_second_in_which_it_was_seen_and_of_now_if_it_has_no_time():
    seen = NOON - timedelta(hours=1, microseconds=1)

    assert judged().time == NOON
    assert judged(time=seen).time == NOON - timedelta(hours=1, seconds=1)


@pytest.mark.parametrize(
    ("ago", "why"),
    [
        (timedelta(hours=24), None),
        (timedelta(hours=24, seconds=1), ViewReason.LATE),
        (timedelta(days=365 * 56), ViewReason.LATE),
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-5, seconds=-1), ViewReason.FUTURE),
        (timedelta(days=-365 * 74), ViewReason.FUTURE),
    ],
)
def test_a_view_counts_up_to_a_day_late_and_five_minutes_ahead(ago, why):
    assert reason(judged(time=NOON - ago)) is why


@pytest.mark.parametrize("agent", [GOOGLEBOT, "facebookexternalhit/1.1", "python-requests/2.32.3", "curl/8.5.0", "", " "])
def test_views_of_known_robots_are_refused(agent):
    assert reason(judged(agent)) is ViewReason.ROBOT
    assert reason(judged(address="192.0.2.9", user_agent=agent)) is ViewReason.ROBOT


def test_browsers_are_no_robots():
    iphone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148"
    )

    assert reason(judged(BROWSER)) is reason(judged(f"{iphone} Safari/604.1")) is None


def test_who_reports_the_views_of_others_may_be_a_program():
    assert reason(judged("python-requests/2.32.3", visitor="ada")) is None
    assert reason(judged("python-requests/2.32.3", address="192.0.2.9", user_agent=BROWSER)) is None


def test_a_view_tells_the_network_of_its_reader_where_it_is_known():
    assert judged().network == judged(address="192.0.2.200").network != judged(address="198.51.100.1").network
    assert judged(visitor="ada").network is None


def test_the_salt_of_a_day_survives_a_restart_and_is_gone_the_next(tmp_path):
    file = tmp_path / "salt"
    monday, tuesday = NOON, NOON.replace(day=25)

    first = DailySalt(file).of(monday)

    assert DailySalt(file).of(monday) == first
    assert DailySalt(file).of(tuesday) != first
    assert first.hex() not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
