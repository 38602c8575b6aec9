"""The state of a partition against a model that keeps every event and counts them anew for every list."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.counting import AHEAD_MINUTES, decode_counts, first_minute
from services.popularity.core.state import LISTS, PartitionState
from services.popularity.core.tallying import CommentTally, ViewTally
from shared.popularity import Measure, Window

START = 29_400_000
ARTICLES = [f"{number:032x}".encode() for number in range(6)]

#: Some minutes, hours or days before now; some of them ahead of it.
AGES = st.integers(-30, 70) | st.integers(0, 26).map(lambda hours: hours * 60) | st.integers(0, 33).map(lambda days: days * 1440)


@dataclass
class Model:
    """Every event counted, with its time."""

    now: int = START
    events: list[tuple[Measure, bytes, int]] = field(default_factory=list)
    comment_ids: set[bytes] = field(default_factory=set)

    def places(self, measure: Measure, window: Window) -> list[tuple[str, int]]:
        first = first_minute(window, self.now)
        counts = Counter(article for kind, article, minute in self.events if kind is measure and minute >= first)
        return [(article.decode(), count) for article, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


@dataclass(frozen=True)
class Views:
    """Views of an article, each so many minutes old."""

    article: int
    ages: tuple[int, ...]


@dataclass(frozen=True)
class Comment:
    """A comment on an article."""

    article: int
    comment: int
    age: int


@dataclass(frozen=True)
class Later:
    """Time goes by; what was taken is settled."""

    minutes: int


STEPS = st.lists(
    st.builds(Views, st.integers(0, 5), st.lists(AGES, min_size=1, max_size=4).map(tuple))
    | st.builds(Comment, st.integers(0, 5), st.integers(0, 9), AGES)
    | st.builds(Later, st.integers(0, 3) | st.integers(0, 90) | st.integers(0, 40 * 1440)),
    max_size=25,
)


def places(state: PartitionState, measure: Measure, window: Window) -> list[tuple[str, int]]:
    return [(place.article_id, place.count) for place in state.best((measure, window))]


@given(STEPS)
@settings(max_examples=400)
def test_every_list_is_what_counting_all_events_gives(steps: list[Views | Comment | Later]) -> None:
    state, model = PartitionState({}, START), Model()
    stored: dict[bytes, bytes] = {}
    waiting: list[tuple[bytes, int]] = []
    for step in [*steps, Later(0)]:
        match step:
            case Views(article, ages):
                minutes = [model.now - age for age in ages]
                state.take(ViewTally({minute: [ARTICLES[article]] * minutes.count(minute) for minute in minutes}))
                waiting += [(ARTICLES[article], minute) for minute in minutes]
            case Comment(article, comment, age):
                comment_id = ARTICLES[article][-8:] + bytes([comment]) * 8
                minute = min(model.now - age, model.now + AHEAD_MINUTES)
                is_new = comment_id not in model.comment_ids
                assert state.take(CommentTally(ARTICLES[article], minute, comment_id)) is is_new
                if is_new:
                    model.comment_ids.add(comment_id)
                    model.events.append((Measure.COMMENTS, ARTICLES[article], minute))
            case Later(gone):
                model.now += gone
                stored |= state.settle(model.now)
                model.events += [(Measure.VIEWS, name, min(at, model.now + AHEAD_MINUTES)) for name, at in waiting]
                waiting.clear()
                for measure, window in LISTS:
                    assert places(state, measure, window) == model.places(measure, window), (measure, window)
    read_again = PartitionState({name: decode_counts(value) for name, value in stored.items()}, model.now)
    for measure, window in LISTS:
        assert places(read_again, measure, window) == model.places(measure, window), (measure, window)


def test_only_what_changed_is_to_be_stored() -> None:
    state = PartitionState({}, START)
    state.take(ViewTally({START: ARTICLES[:2]}))

    assert state.settle(START).keys() == set(ARTICLES[:2])
    assert state.settle(START + 1) == {}


def test_a_clock_that_is_set_back_does_not_bring_the_past_back() -> None:
    state = PartitionState({}, START)
    state.take(ViewTally({START - 59: ARTICLES[:1]}))
    state.settle(START + 1)

    state.settle(START - 100)
    state.take(ViewTally({START - 59: ARTICLES[:1]}))
    state.settle(START - 100)

    assert places(state, Measure.VIEWS, Window.HOUR) == []
