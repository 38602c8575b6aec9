"""The feed of changes, read from a model of an index that is being written."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.changes import (
    BEGINNING,
    build_changes,
    build_last_change,
    build_place_cursor,
    parse_changes,
    parse_last_change,
    parse_place_cursor,
    place_before,
)
from services.search.core.cursors import InvalidCursor, build_cursor

#: What is written becomes visible within so many ms of its stamp, or is written again.
DELAY = 60


@dataclass(frozen=True)
class Write:
    """One state of an article on its way into the index."""

    article_id: str
    version: int
    stamp: int
    visible: int


@st.composite
def writes(draw):
    """Writes in any order of articles, versions and times; one that becomes visible too late is followed by the same in time."""
    made = []
    for version in range(1, draw(st.integers(1, 12)) + 1):
        article_id = draw(st.sampled_from("abcdef"))
        stamp, takes = draw(st.integers(0, 200)), draw(st.integers(0, 2 * DELAY))
        made.append(Write(article_id, version, stamp, stamp + takes))
        if takes >= DELAY:
            again = stamp + takes + draw(st.integers(0, 50))
            made.append(Write(article_id, version, again, again + draw(st.integers(0, DELAY - 1))))
    return made


def index_at(made, now):
    """What can be seen: of each article the newest version, of equal ones the one that was stamped last."""
    index: dict[str, Write] = {}
    for write in sorted(made, key=lambda each: (each.visible, each.stamp)):
        known = index.get(write.article_id)
        if write.visible <= now and (known is None or (write.version, write.stamp) > (known.version, known.stamp)):
            index[write.article_id] = write
    return index


def answer(index, body):
    """What Elasticsearch would answer."""
    (held_back,) = body["query"]["bool"]["must_not"]
    until = held_back["range"]["date_indexed"]["gte"]
    places = sorted((write.stamp, article_id) for article_id, write in index.items() if write.stamp < until)
    page = [place for place in places if place > tuple(body["search_after"])][: body["size"]]
    return {"hits": {"hits": [{"_source": document(index[article_id]), "sort": [stamp, article_id]} for stamp, article_id in page]}}


def document(write):
    date = datetime.fromtimestamp(write.stamp / 1000, UTC).isoformat()
    own = {"article_id": write.article_id, "revision": write.version, "enrichment": 0, "status": "published"}
    return {**own, "headline": {"en": "Bridge"}, "date": date, "date_indexed": date}


class Reader:
    """Keeps the newest state of every article that a page showed."""

    def __init__(self):
        self.cursor = build_place_cursor(BEGINNING)
        self.known = {}

    def poll(self, made, now, size, delay=DELAY):
        """One page; whether it was the last for now."""
        after = parse_place_cursor(self.cursor)
        body = build_changes(after, now - delay, size)
        page = parse_changes(answer(index_at(made, now), body), size, now - delay)
        for _, change in page.changes:
            self.known[change.article_id] = max(self.known.get(change.article_id, 0), change.revision)
        self.cursor = build_place_cursor(page.reached)
        return page.is_end

    def catch_up(self, made, now, size, delay=DELAY):
        """Pages until the end."""
        while not self.poll(made, now, size, delay):
            pass


@given(writes(), st.integers(1, 40), st.integers(1, 5))
def test_a_reader_who_polls_as_often_as_it_likes_ends_with_the_newest_state_of_every_article(made, every, size):
    reader = Reader()
    for now in range(0, 400, every):
        reader.poll(made, now, size)
    end = max(write.visible for write in made) + DELAY + 1
    reader.catch_up(made, end, 2)

    assert reader.known == {article_id: write.version for article_id, write in index_at(made, end).items()}


def test_without_the_delay_a_reader_misses_what_becomes_visible_behind_it():
    made = [Write("a", 1, stamp=10, visible=40), Write("b", 2, stamp=20, visible=25)]
    hasty, patient = Reader(), Reader()
    for now in (30, 50, 200):
        hasty.catch_up(made, now, 10, delay=0)
        patient.catch_up(made, now, 10)

    assert hasty.known == {"b": 2}
    assert patient.known == {"a": 1, "b": 2}


@given(st.integers(-(2**63), 2**63 - 1), st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
def test_a_place_survives_its_cursor(stamp, article_id):
    assert parse_place_cursor(build_place_cursor((stamp, article_id))) == (stamp, article_id)


def test_the_places_before_a_time_and_before_everything_have_cursors():
    for place in (BEGINNING, place_before(1_700_000_000_000)):
        assert parse_place_cursor(build_place_cursor(place)) == place


@pytest.mark.parametrize("place", [("1", "a"), (1.5, "a"), (1, 2), (1,), (1, "a", "b"), (2**63, "a"), (True, "a")])
def test_a_place_that_elasticsearch_could_not_read_is_refused(place):
    with pytest.raises(InvalidCursor):
        parse_place_cursor(build_cursor("changes", place))


@pytest.mark.parametrize(
    ("last_ms", "until_ms", "second"),
    [
        (1_700_000_000_999.0, 1_700_000_001_000, 1_700_000_000),
        (1_700_000_000_000.0, 1_700_000_000_999, None),
        (1_700_000_009_000.0, 1_700_000_001_000, None),
        (None, 1_700_000_001_000, None),
    ],
)
def test_the_last_change_is_known_once_no_other_can_appear_within_its_second(last_ms, until_ms, second):
    answer = {"aggregations": {"last": {"value": last_ms}}}

    assert parse_last_change(answer, until_ms) == (None if second is None else datetime.fromtimestamp(second, UTC))


def test_the_last_change_may_be_a_retraction():
    assert build_last_change()["query"] == {"match_all": {}}
