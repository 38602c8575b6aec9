"""A feed's state after a poll."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.after_poll import (
    Failure,
    Occasion,
    Reading,
    as_defined,
    build_failed,
    build_notes,
    build_read,
    build_unchanged,
    build_unpublished,
    entry_hash,
    failure_of,
    remember,
    seen_hashes,
    validator,
)
from services.ingest.core.feed_records import MOST_SEEN, FeedDefinition, FeedState, feed_id
from services.ingest.core.feeds import Feed
from services.ingest.core.schedule import Pace
from services.ingest.core.submissions import ArticleSubmission

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://courier.example/feed"
BEFORE = FeedState(
    feed_id=feed_id(URL),
    next_poll=NOW,
    interval_seconds=3600,
    etag='"1"',
    seen="0" * 16,
    last_poll=NOW - timedelta(hours=1),
    last_success=NOW - timedelta(hours=1),
    last_new_article=NOW - timedelta(hours=2),
    new_article_seconds=3600,
    error="the server answered 500",
    failures=3,
    notes=("5 older entries not taken",),
)
hashes = st.text("0123456789abcdef", min_size=16, max_size=16)


def an_entry(**fields):
    return ArticleSubmission(**{"headline": "Bridge reopens", "url": "https://courier.example/1", "body": "It did.", **fields})


def an_occasion(before: FeedState | None = BEFORE, now=NOW):
    return Occasion(feed_id(URL), before, now, Pace(), 0.0)


def test_an_unchanged_feed_keeps_what_was_read_of_it_and_is_well_again():
    state = build_unchanged(an_occasion(), None)

    assert (state.etag, state.seen, state.notes) == (BEFORE.etag, BEFORE.seen, BEFORE.notes)
    assert (state.error, state.failures, state.last_success, state.last_poll) == (None, 0, NOW, NOW)
    assert state.next_poll == NOW + timedelta(seconds=3600)  # as far apart as its articles


def test_a_read_feed_is_remembered_with_what_it_showed():
    feed = Feed(title="Courier", format="atom", entries=(an_entry(),))
    state = build_read(an_occasion(), Reading(feed, ["1" * 16], etag='"2"', new=1, notes=("a note",)))

    assert (state.etag, state.seen, state.title, state.format, state.entries) == ('"2"', "0" * 16 + "1" * 16, "Courier", "atom", 1)
    assert (state.last_new_article, state.notes, state.error) == (NOW, ("a note",), None)
    assert state.interval_seconds == 1800


def test_what_only_changed_is_no_new_article():
    state = build_read(an_occasion(), Reading(Feed(title="Courier"), changed=2))

    assert state.last_new_article == BEFORE.last_new_article
    assert state.interval_seconds == 1800, "but it is a reason to come again sooner"


def test_far_more_articles_than_usual_are_noted_until_the_next_poll():
    surging = build_read(an_occasion(), Reading(Feed(title="Courier"), new=60))

    assert surging.surge == "60 new articles came within 1 hour, where about 1 would be usual"
    assert build_unchanged(an_occasion(surging, NOW + timedelta(hours=1)), None).surge is None


def test_a_failed_poll_leaves_what_was_seen_and_counts():
    state = build_failed(an_occasion(), Failure("the server answered 404"))

    assert (state.etag, state.seen, state.last_success) == (BEFORE.etag, BEFORE.seen, BEFORE.last_success)
    assert (state.error, state.failures) == ("the server answered 404", 4)


def test_entries_that_were_not_published_count_as_not_seen_and_are_tried_again_soon():
    state = build_unpublished(an_occasion(), "Kafka is away")

    assert (state.etag, state.seen) == (BEFORE.etag, BEFORE.seen)
    assert state.error == "it was read, but not published: Kafka is away"
    assert state.next_poll == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("before", [None, BEFORE], ids=["first", "later"])
def test_every_state_can_be_stored_and_read_again(before):
    occasion = an_occasion(before)
    reading = Reading(Feed(title="Courier", entries=(an_entry(),)), ["1" * 16], new=1)
    states = [
        build_read(occasion, reading),
        build_unchanged(occasion, 60.0),
        build_failed(occasion, Failure("no")),
        build_unpublished(occasion, "no"),
    ]

    assert [FeedState.model_validate_json(state.model_dump_json(exclude_defaults=True)) for state in states] == states


def test_a_state_is_later_than_the_one_before_whatever_the_clock_says():
    ahead = NOW + timedelta(minutes=5)

    later = build_unchanged(an_occasion(BEFORE.model_copy(update={"last_poll": ahead})), None).last_poll

    assert later is not None
    assert later > ahead


def test_gone_is_told_and_other_answers_by_their_number():
    assert failure_of(410, None, NOW) == Failure("the feed is gone (410)", gone=True)
    assert failure_of(503, "120", NOW) == Failure("the server answered 503", 120.0)


@given(st.lists(hashes, max_size=300), st.lists(hashes, max_size=300))
def test_all_that_a_feed_shows_is_remembered_and_some_of_what_it_showed(before, shown):
    kept = seen_hashes(remember("".join(before), shown))

    assert set(shown) <= set(kept) <= {*before, *shown}
    assert len(kept) <= max(2 * len(set(shown)), 100)


def test_no_feed_is_remembered_without_limit():
    shown = [f"{number:016x}" for number in range(3 * MOST_SEEN)]

    assert seen_hashes(remember("", shown)) == shown[-MOST_SEEN:]


@pytest.mark.parametrize("header", ['"ä"', "a\nb", "x" * 1001, "", None])
def test_a_validator_that_no_request_could_carry_is_not_kept(header):
    assert validator(header) is None


def test_an_entry_is_another_when_anything_in_it_is():
    assert entry_hash(an_entry()) == entry_hash(an_entry())
    assert (
        len({entry_hash(an_entry()), entry_hash(an_entry(body="It did not.")), entry_hash(an_entry(url="https://a.example/2"))})
        == 3
    )


def test_what_a_definition_sets_stands_above_what_the_feed_says():
    definition = FeedDefinition(feed_id=feed_id(URL), url=URL, added=NOW, publisher="Gazette", section="World", language="de")

    entry = as_defined(an_entry(publisher="Courier", section="Town", language="en"), definition)

    assert (entry.publisher, entry.section, entry.language) == ("Gazette", "World", "de")


def test_what_a_definition_leaves_open_is_as_the_feed_says():
    definition = FeedDefinition(feed_id=feed_id(URL), url=URL, added=NOW)

    assert as_defined(an_entry(section="Town"), definition) == an_entry(section="Town")


def test_what_was_not_taken_is_told_in_numbers():
    feed = Feed(title="Courier", truncated=49_500, broken=3)

    assert build_notes(feed, 2, ["more"]) == (
        "49,500 older entries not taken",
        "3 entries without a headline or an address not taken",
        "2 entries not accepted",
        "more",
    )
