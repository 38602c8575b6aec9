"""When the index is told the counts of an article, and how the record of that is written."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from services.popularity.core.attributes import ABOUT_PREFIX, Attributes, decode_attributes
from services.popularity.core.counting import decode_counts
from services.popularity.core.signals import FIRST_VIEWS, Signal, Signals
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally
from services.popularity.signal_records import build_signals
from shared.events import Event, Record, decode_event, encode_event
from shared.popularity import PopularitySignalled
from tests.unit.popularity.test_state import ARTICLES, START, views_of

ARTICLE = ARTICLES[0]
KNOWN, RETRACTED = Attributes(version=1), Attributes(version=2, retracted=True)
AS_OF_MS = 1_795_514_402_345


class Counted:
    """A partition and what it tells, checkpoint by checkpoint; `reopen` is another owner with what was stored."""

    def __init__(self, *known: bytes) -> None:
        self.state = PartitionState({}, START)
        self.signals = Signals(self.state.lists)
        self._stored: dict[bytes, bytes] = {}
        self._comments = itertools.count()
        for article in known:
            self.state.learn(article, KNOWN)

    def view(self, number: int, article: bytes = ARTICLE) -> None:
        if number:
            self.state.take(views_of(*[(article, START)] * number))

    def comment(self, article: bytes = ARTICLE) -> None:
        self.state.take(CommentTally(article, START, next(self._comments).to_bytes(16, "big")))

    def told(self) -> list[Signal]:
        """What the next checkpoint tells."""
        values = self.state.settle(START)
        self._stored |= {key: value for key, value in values.items() if value is not None}
        return self.signals.take_due(values)

    def reopen(self) -> None:
        articles = {key: decode_counts(value) for key, value in self._stored.items() if len(key) == len(ARTICLE)}
        known = {
            key.removeprefix(ABOUT_PREFIX): decode_attributes(value)
            for key, value in self._stored.items()
            if key.startswith(ABOUT_PREFIX)
        }
        self.state = PartitionState(articles, START, known=known)
        self.signals = Signals(self.state.lists)


def test_views_are_told_from_the_eighth_on_and_then_whenever_they_have_doubled() -> None:
    counted = Counted(ARTICLE)
    told = []
    for _ in range(70):
        counted.view(1)
        told += counted.told()

    assert told == [(ARTICLE, views, 0) for views in (8, 16, 32, 64)]


def test_comments_are_told_from_the_first_on_with_the_views_there_are() -> None:
    counted = Counted(ARTICLE)
    counted.view(3)
    told = []
    for _ in range(5):
        counted.comment()
        told += counted.told()

    assert told == [(ARTICLE, 3, comments) for comments in (1, 2, 4)]


def test_what_changed_between_two_checkpoints_is_told_once() -> None:
    counted = Counted(ARTICLE, ARTICLES[1])
    counted.view(1000)
    counted.comment()
    counted.view(9, ARTICLES[1])

    assert counted.told() == [(ARTICLE, 1000, 1), (ARTICLES[1], 9, 0)]
    assert counted.told() == []


def test_an_article_is_told_of_only_once_it_is_known() -> None:
    counted = Counted()
    counted.view(20)
    assert counted.told() == []

    counted.state.learn(ARTICLE, KNOWN)

    assert counted.told() == [(ARTICLE, 20, 0)]


def test_a_retracted_article_is_told_of_no_more() -> None:
    counted = Counted(ARTICLE)
    counted.view(20)
    counted.told()

    counted.state.learn(ARTICLE, RETRACTED)
    counted.view(100)

    assert counted.told() == []


def test_an_article_that_comes_back_after_a_retraction_is_told_of_again() -> None:
    counted = Counted(ARTICLE)
    counted.view(20)
    counted.told()
    counted.state.learn(ARTICLE, RETRACTED)
    counted.told()

    counted.state.learn(ARTICLE, Attributes(version=3))

    assert counted.told() == [(ARTICLE, 20, 0)]


def test_a_correction_of_an_article_tells_nothing() -> None:
    counted = Counted(ARTICLE)
    counted.view(20)
    counted.told()

    counted.state.learn(ARTICLE, Attributes(version=2, section="World"))

    assert counted.told() == []


def test_whoever_takes_a_partition_over_tells_nothing_again_and_leaves_nothing_out() -> None:
    counted = Counted(*ARTICLES)
    for article in ARTICLES:
        counted.view(10, article)
    assert len(counted.told()) == len(ARTICLES)

    counted.reopen()
    counted.view(1)
    assert counted.told() == []
    counted.view(5)

    assert counted.told() == [(ARTICLE, 16, 0)]


def test_what_becomes_known_after_a_takeover_is_told_of() -> None:
    counted = Counted()
    counted.view(20)
    counted.told()

    counted.reopen()
    counted.state.learn(ARTICLE, KNOWN)

    assert counted.told() == [(ARTICLE, 20, 0)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2), st.booleans()), max_size=12))
def test_what_was_told_last_is_never_half_of_what_is_counted_and_is_told_seldom(
    steps: list[tuple[int, int, bool]],
) -> None:
    counted, views, comments, told = Counted(ARTICLE), 0, 0, []
    for viewed, commented, is_taken_over in steps:
        counted.view(viewed)
        for _ in range(commented):
            counted.comment()
        views, comments = views + viewed, comments + commented
        told += counted.told()
        _, told_views, told_comments = told[-1] if told else (ARTICLE, 0, 0)
        assert views < FIRST_VIEWS or views < 2 * told_views
        assert comments == 0 or comments < 2 * told_comments
        if is_taken_over:
            counted.reopen()
    assert len(told) <= views.bit_length() + comments.bit_length()


def test_a_record_is_what_encoding_its_event_gives() -> None:
    (record,) = build_signals([(ARTICLE, 41, 3)], AS_OF_MS)

    event = decode_event(Record(record.topic, 0, 0, record.key, record.value, record.headers, 0))
    assert isinstance(event, Event)
    assert event.body == PopularitySignalled(article_id=ARTICLE.decode(), revision=AS_OF_MS, views=41, comments=3)
    again = encode_event(event, record.topic, ARTICLE.decode())
    assert (record.key, record.value, sorted(record.headers)) == (again.key, again.value, sorted(again.headers))
