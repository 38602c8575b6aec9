"""What is measured of the feeds of a process: how many are due, and for how long."""

from datetime import timedelta

from prometheus_client import REGISTRY

from services.ingest.feed_table import FeedTable
from services.ingest.feed_watch import FeedWatch
from tests.unit.ingest.test_feed_table import ALL, NOW, a_definition, a_state, learn


def test_feeds_that_are_due_and_those_overdue_for_five_minutes_are_counted():
    table = FeedTable(4)
    for number, late in enumerate((timedelta(minutes=-1), timedelta(minutes=1), timedelta(minutes=6))):
        url = f"https://courier{number}.example/feed"
        learn(table, a_definition(url), a_state(url, next_poll=NOW - late))

    FeedWatch().look(table, ALL, NOW)

    assert REGISTRY.get_sample_value("dateline_feeds_due") == 2
    assert REGISTRY.get_sample_value("dateline_feeds_overdue") == 1
