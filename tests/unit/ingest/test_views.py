"""Views -> records, or why they are refused."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewsSubmission, ViewSubmission
from services.ingest.core.views import (
    VIEWS_A_RECORD,
    AcceptedView,
    RefusedView,
    ViewReason,
    build_view_records,
    judge_view,
    place_view,
)
from services.ingest.salts import DailySalt
from services.popularity.core.tallying import ViewTally, tally_record
from shared.engagement import View
from shared.events import Event, Record, encode_event
from shared.producing import partition_of
from tests.builders import ARTICLE_ID, NOON, body_of

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def judged(agent=BROWSER, **fields):
    return judge_view(ViewSubmission(article_id=ARTICLE_ID, **fields), Reader("192.0.2.1", agent), b"salt", names_robot, NOON)


def reason(view):
    return view.reason if isinstance(view, RefusedView) else None


def placed(views, partitions=1):
    return [place_view(view, partition_of(view.article_id, partitions)) for view in views]


views = st.builds(
    AcceptedView,
    st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}"),
    st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}"),
    st.integers(0, 86_700).map(lambda seconds: NOON - timedelta(seconds=seconds - 300)),
    st.none() | st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}"),
)


@given(st.lists(views, max_size=30), st.integers(1, 8))
def test_every_view_stands_once_in_a_record_of_its_partition(accepted, partitions):
    records, places = build_view_records(placed(accepted, partitions), "batch", NOON)

    assert len(places) == len(accepted)
    left = [list(body_of(record).views) for record in records]
    for view, place in zip(accepted, places, strict=True):
        assert left[place].pop(0) == View(**view._asdict())
        assert records[place].partition == partition_of(view.article_id, partitions)
    assert not any(left)


@given(st.lists(views, min_size=1, max_size=30))
def test_a_record_is_as_the_models_would_write_it(accepted):
    records, _ = build_view_records(placed(accepted), "batch", NOON)

    for number, record in enumerate(records):
        event = Event(id=f"batch.{number}", source="dateline/ingest", time=NOON, accepted=NOON, body=body_of(record))
        assert record == encode_event(event, "engagement.recorded", None, 0)


def test_views_that_know_their_network_are_not_mixed_with_those_that_do_not():
    """Or else popularity could not read the record by columns."""
    records, _ = build_view_records(placed([judged(), judged(visitor="ada"), judged()]), "batch", NOON)

    assert [[view.network is None for view in body_of(record).views] for record in records] == [[False, False], [True]]


def test_records_stay_small():
    accepted = [AcceptedView(ARTICLE_ID, "0" * 32, NOON, None)] * (2 * VIEWS_A_RECORD + 1)

    records, _ = build_view_records(placed(accepted), "batch", NOON)

    assert [len(body_of(record).views) for record in records] == [VIEWS_A_RECORD, VIEWS_A_RECORD, 1]
    assert len({dict(record.headers)["ce_id"] for record in records}) == 3


def test_ten_thousand_views_of_one_request_are_twenty_records():
    submitted = ViewsSubmission(views=(ViewSubmission(article_id=ARTICLE_ID, visitor="ada"),) * 10_000).views

    accepted = [judge_view(view, Reader("192.0.2.1", BROWSER), b"salt", names_robot, NOON) for view in submitted]
    records, _ = build_view_records(placed(accepted), "batch", NOON)

    assert [len(body_of(record).views) for record in records] == [VIEWS_A_RECORD] * 20
    with pytest.raises(ValidationError, match="at most 10000"):
        ViewsSubmission(views=(*submitted, submitted[0]))


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
    for accepted in ([judged(), judged(time=NOON - timedelta(hours=1))], [judged(visitor="ada")]):
        (new,), _ = build_view_records(placed(accepted), "batch", NOON)

        tally = tally_record(Record(new.topic, 0, 0, None, new.value, new.headers, round(NOON.timestamp() * 1000)))

        assert isinstance(tally, ViewTally)
        assert len(tally) == len(accepted)


def test_the_salt_of_a_day_survives_a_restart_and_is_gone_the_next(tmp_path):
    file = tmp_path / "salt"
    monday, tuesday = NOON, NOON.replace(day=25)

    first = DailySalt(file).of(monday)

    assert DailySalt(file).of(monday) == first
    assert DailySalt(file).of(tuesday) != first
    assert first.hex() not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
