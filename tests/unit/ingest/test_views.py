"""Views -> records, and what stands for a visitor."""

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.submissions import ViewSubmission
from services.ingest.core.views import VIEWS_A_RECORD, Sender, accept_view, build_view_records, visitor_hash
from services.ingest.salts import DailySalt
from shared.engagement import View
from shared.producing import partition_of
from tests.builders import ARTICLE_ID, NOON, body_of

SALT = b"salt"
article_ids = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")


def hashed(address="192.0.2.1", agent="Browser", salt=SALT, **fields):
    return visitor_hash(salt, ViewSubmission(article_id=ARTICLE_ID, **fields), Sender(address, agent))


def test_a_visitor_is_a_network_and_a_user_agent():
    assert hashed("192.0.2.1") == hashed("192.0.2.77")
    assert hashed("2001:db8::1") == hashed("2001:db8::ffff")
    assert len({hashed(), hashed("192.0.3.1"), hashed(agent="Other"), hashed("2001:db8::1"), hashed("2001:db8:0:1::1")}) == 5


def test_a_visitor_that_the_sender_names_is_the_same_from_everywhere():
    assert hashed("192.0.2.1", visitor="ada") == hashed("198.51.100.1", "Other", visitor="ada") != hashed()


def test_hashes_of_two_days_cannot_be_linked():
    assert hashed(salt=b"monday") != hashed(salt=b"tuesday")


def test_what_is_no_address_does_no_harm():
    assert hashed("unix socket") != hashed()


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


def test_a_view_without_a_time_was_seen_now():
    view = accept_view(ViewSubmission(article_id=ARTICLE_ID), "0" * 32, NOON)

    assert view == View(article_id=ARTICLE_ID, visitor="0" * 32, time=NOON)


def test_the_salt_of_a_day_survives_a_restart_and_is_gone_the_next(tmp_path):
    file = tmp_path / "salt"
    monday, tuesday = NOON, NOON.replace(day=25)

    first = DailySalt(file).of(monday)

    assert DailySalt(file).of(monday) == first
    assert DailySalt(file).of(tuesday) != first
    assert first.hex() not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
