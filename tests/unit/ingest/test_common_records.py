"""What readers did -> records of many, which popularity reads by columns."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.core.common_records import VIEWS_A_RECORD, build_records, place_reading, place_share, place_view
from services.ingest.core.known_robots import names_robot
from services.ingest.core.readers import Reader
from services.ingest.core.submissions import ViewsSubmission, ViewSubmission
from services.ingest.core.views import AcceptedView, judge_view
from services.popularity.core.reports import ReportTally
from services.popularity.core.tallying import ViewTally, tally_record
from shared.engagement import Reading, View
from shared.events import Event, Record, encode_event
from shared.popularity import Measure
from shared.producing import partition_of
from tests.builders import ARTICLE_ID, NOON, body_of

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def judged(agent=BROWSER, **fields):
    return judge_view(ViewSubmission(article_id=ARTICLE_ID, **fields), Reader("192.0.2.1", agent), b"salt", names_robot, NOON)


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
    records, places = build_records(placed(accepted, partitions), "batch", NOON)

    assert len(places) == len(accepted)
    left = [list(body_of(record).views) for record in records]
    for view, place in zip(accepted, places, strict=True):
        assert left[place].pop(0) == View(**view._asdict())
        assert records[place].partition == partition_of(view.article_id, partitions)
    assert not any(left)


@given(st.lists(views, min_size=1, max_size=30))
def test_a_record_is_as_the_models_would_write_it(accepted):
    records, _ = build_records(placed(accepted), "batch", NOON)

    for number, record in enumerate(records):
        event = Event(id=f"batch.{number}", source="dateline/ingest", time=NOON, accepted=NOON, body=body_of(record))
        assert record == encode_event(event, "engagement.recorded", None, 0)


def test_views_that_know_their_network_are_not_mixed_with_those_that_do_not():
    """Or else popularity could not read the record by columns."""
    records, _ = build_records(placed([judged(), judged(visitor="ada"), judged()]), "batch", NOON)

    assert [[view.network is None for view in body_of(record).views] for record in records] == [[False, False], [True]]


def test_records_stay_small():
    accepted = [AcceptedView(ARTICLE_ID, "0" * 32, NOON, None)] * (2 * VIEWS_A_RECORD + 1)

    records, _ = build_records(placed(accepted), "batch", NOON)

    assert [len(body_of(record).views) for record in records] == [VIEWS_A_RECORD, VIEWS_A_RECORD, 1]
    assert len({dict(record.headers)["ce_id"] for record in records}) == 3


def test_ten_thousand_views_of_one_request_are_twenty_records():
    submitted = ViewsSubmission(views=(ViewSubmission(article_id=ARTICLE_ID, visitor="ada"),) * 10_000).views

    accepted = [judge_view(view, Reader("192.0.2.1", BROWSER), b"salt", names_robot, NOON) for view in submitted]
    records, _ = build_records(placed(accepted), "batch", NOON)

    assert [len(body_of(record).views) for record in records] == [VIEWS_A_RECORD] * 20
    with pytest.raises(ValidationError, match="at most 10000"):
        ViewsSubmission(views=(*submitted, submitted[0]))


def stored(new):
    return Record(new.topic, 0, 0, None, new.value, new.headers, round(NOON.timestamp() * 1000))


def test_popularity_reads_the_records_of_ingest_in_its_short_way(monkeypatch):
    monkeypatch.setattr("services.popularity.core.tallying.decode_event", None)
    for accepted in ([judged(), judged(time=NOON - timedelta(hours=1))], [judged(visitor="ada")]):
        (new,), _ = build_records(placed(accepted), "batch", NOON)

        tally = tally_record(stored(new))

        assert isinstance(tally, ViewTally)
        assert len(tally) == len(accepted)


@given(st.lists(st.tuples(views, st.integers(1, 1800)), min_size=1, max_size=30))
def test_readings_and_shares_of_a_partition_are_records_of_their_own_that_popularity_reads_in_its_short_way(done):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.popularity.core.tallying.decode_event", None)
        mixed = [
            each for view, seconds in done for each in (place_reading(view, seconds, 2), place_share(view, 2), place_view(view, 2))
        ]
        records, places = build_records(mixed, "batch", NOON)

        tallies = [tally for tally in map(tally_record, map(stored, records)) if isinstance(tally, ReportTally)]
        read = {measure: sum(int(tally.numbers.sum()) for tally in tallies if tally.measure is measure) for measure in Measure}
        late = sum(seconds for view, seconds in done if view.time < NOON - timedelta(hours=24))
        assert len(places) == len(mixed)
        assert len(records) <= 3 * 2, "with a network and without"
        assert {record.partition for record in records} == {2}
        assert read[Measure.ENGAGED] == sum(seconds for _, seconds in done) - late
        assert read[Measure.SHARES] == sum(view.time >= NOON - timedelta(hours=24) for view, _ in done)


@given(views, st.integers(1, 1800))
def test_readings_and_shares_are_what_their_models_say(view, seconds):
    records, _ = build_records([place_reading(view, seconds, 0), place_share(view, 0)], "batch", NOON)

    readings, shares = map(body_of, records)
    assert readings.readings == (Reading(**view._asdict(), engaged_seconds=seconds),)
    assert shares.shares == (View(**view._asdict()),)
    assert {record.topic for record in records} == {"reading.reported"}
