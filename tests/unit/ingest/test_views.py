"""Views -> records, or why they are refused."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewSubmission
from services.ingest.core.views import VIEWS_A_RECORD, RefusedView, ViewReason, build_view_records, judge_view
from services.ingest.salts import DailySalt
from services.popularity.core.tallying import ViewTally, tally_record
from shared.engagement import View
from shared.events import Record
from shared.producing import partition_of
from tests.builders import ARTICLE_ID, NOON, body_of

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
article_ids = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")


def judged(agent=BROWSER, **fields):
    return judge_view(ViewSubmission(article_id=ARTICLE_ID, **fields), Reader("192.0.2.1", agent), b"salt", names_robot, NOON)


def reason(view):
    return view.reason if isinstance(view, RefusedView) else None


@given(st.lists(article_ids, max_size=30), st.integers(1, 8))
def test_every_view_stands_once_in_a_record_of_its_partition(ids, partitions):
    views = [View(article_id=own, visitor="0" * 32, time=NOON) for own in ids]

    records = build_view_records(views, lambda own: partition_of(own, partitions), "batch", NOON)

    found = [(record.partition, view) for record in records for view in body_of(record).views]
    assert sorted(view.article_id for _, view in found) == sorted(ids)
    assert all(partition == partition_of(view.article_id, partitions) for partition, view in found)


def test_records_stay_small():
    views = [View(article_id=ARTICLE_ID, visitor="0" * 32, time=NOON)] * (2 * VIEWS_A_RECORD + 1)

    records = build_view_records(views, lambda _: 0, "batch", NOON)

    assert [len(body_of(record).views) for record in records] == [VIEWS_A_RECORD, VIEWS_A_RECORD, 1]
    assert len({dict(record.headers)["ce_id"] for record in records}) == 3


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


def test_popularity_reads_the_records_of_ingest_in_its_short_way(monkeypatch):
    monkeypatch.setattr("services.popularity.core.tallying.decode_event", None)
    for views in ([judged(), judged(time=NOON - timedelta(hours=1))], [judged(visitor="ada")]):
        (new,) = build_view_records(views, lambda _: 0, "batch", NOON)

        tally = tally_record(Record(new.topic, 0, 0, None, new.value, new.headers, round(NOON.timestamp() * 1000)))

        assert isinstance(tally, ViewTally)
        assert len(tally) == len(views)


def test_the_salt_of_a_day_survives_a_restart_and_is_gone_the_next(tmp_path):
    file = tmp_path / "salt"
    monday, tuesday = NOON, NOON.replace(day=25)

    first = DailySalt(file).of(monday)

    assert DailySalt(file).of(monday) == first
    assert DailySalt(file).of(tuesday) != first
    assert first.hex() not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
