"""The state of a partition against a model that keeps every event and counts them anew for every list."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.attributes import Attributes
from services.popularity.core.counting import decode_counts
from services.popularity.core.distinct import DistinctVisitors
from services.popularity.core.fairness import Fairness, FairnessRules, Reason
from services.popularity.core.lists import COUNTED, Family
from services.popularity.core.reports import REPORT_PREFIXES, PageReports, ReportTally
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally, ViewTally
from services.popularity.core.view_rows import ViewColumns
from services.popularity.core.windows import span_of
from shared.popularity import Measure, Window

START = 29_400_000
ARTICLES = [f"{number:032x}".encode() for number in range(6)]
KNOWN = {article: Attributes(version=1) for article in ARTICLES}
LISTS = [(measure, window) for measure in COUNTED if measure is not Measure.VISITORS for window in Window]

#: Some minutes, hours or days before now; some of them ahead of it.
AGES = st.integers(-10, 70) | st.integers(0, 26).map(lambda hours: hours * 60) | st.integers(0, 33).map(lambda days: days * 1440)


@dataclass
class Model:
    """Every event counted, with its time and how many it stands for."""

    now: int = START
    events: list[tuple[Measure, bytes, int, int]] = field(default_factory=list)
    comment_ids: set[bytes] = field(default_factory=set)

    def places(self, measure: Measure, window: Window) -> list[tuple[str, int]]:
        span = span_of(window, self.now, UTC)
        counts: Counter[bytes] = Counter()
        for kind, article, minute, number in self.events:
            if kind is measure and (span is None or span.holds(minute)):
                counts[article] += number
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
class Report:
    """A visitor of its own read an article for so many seconds, or shared it."""

    measure: Measure
    article: int
    number: int
    age: int


@dataclass(frozen=True)
class Later:
    """Time goes by; what was taken is settled."""

    minutes: int


STEPS = st.lists(
    st.builds(Views, st.integers(0, 5), st.lists(AGES, min_size=1, max_size=4).map(tuple))
    | st.builds(Comment, st.integers(0, 5), st.integers(0, 9), AGES)
    | st.builds(Report, st.just(Measure.ENGAGED), st.integers(0, 5), st.integers(1, 1800), AGES)
    | st.builds(Report, st.just(Measure.SHARES), st.integers(0, 5), st.just(1), AGES)
    | st.builds(Later, st.integers(0, 3) | st.integers(0, 90) | st.integers(0, 40 * 1440)),
    max_size=25,
)


def views_of(*views: tuple[bytes, int], visitors: tuple[int, ...] = (), networks: tuple[int, ...] = ()) -> ViewTally:
    """Views of articles in minutes; each of a visitor of its own if none are named, and of networks that are not known."""
    articles, seconds = np.array([article for article, _ in views], "S32"), np.array([60 * minute for _, minute in views], np.int64)
    pairs = visitors or tuple(next(_NEW_VISITORS) for _ in views)
    words = np.array(networks or (0,) * len(views), np.uint64)
    return ViewTally(ViewColumns(articles, np.array(pairs, np.uint64), words, seconds), int(seconds.max()))


def report_of(measure: Measure, article: int, number: int, minute: int) -> ReportTally:
    """A report of a visitor of its own."""
    who = ViewColumns(
        np.array([ARTICLES[article]], "S32"),
        np.array([next(_NEW_VISITORS)], np.uint64),
        np.zeros(1, np.uint64),
        np.array([60 * minute], np.int64),
    )
    return ReportTally(measure, who, np.array([number], np.int64), 60 * minute)


_NEW_VISITORS = itertools.count()
VISITOR_RULE = FairnessRules(visitor_seconds=1800)


def places(state: PartitionState, measure: Measure, window: Window) -> list[tuple[str, int]]:
    found = state.lists.rank(Family(measure, window)).get(0)
    if found is None:
        return []
    articles = [state.lists.rowing.articles[row].decode() for row in found.rows]
    return list(zip(articles, [int(score) for score in found.scores], strict=True))


@given(STEPS)
@settings(max_examples=400)
def test_every_list_is_what_counting_all_events_gives(steps: list[Views | Comment | Report | Later]) -> None:
    state, model = PartitionState({}, START, known=KNOWN), Model()
    stored: dict[bytes, bytes] = {}
    waiting: list[tuple[Measure, bytes, int, int]] = []
    for step in [*steps, Later(0)]:
        match step:
            case Views(article, ages):
                minutes = [model.now - age for age in ages]
                state.take(views_of(*[(ARTICLES[article], minute) for minute in minutes]))
                waiting += [(Measure.VIEWS, ARTICLES[article], minute, 1) for minute in minutes]
            case Report(measure, article, number, age):
                state.take(report_of(measure, article, number, model.now - age))
                waiting.append((measure, ARTICLES[article], model.now - age, number))
            case Comment(article, comment, age):
                comment_id = ARTICLES[article][-8:] + bytes([comment]) * 8
                minute = model.now - age
                is_new = comment_id not in model.comment_ids
                assert state.take(CommentTally(ARTICLES[article], minute, comment_id)) is is_new
                if is_new:
                    model.comment_ids.add(comment_id)
                    model.events.append((Measure.COMMENTS, ARTICLES[article], minute, 1))
            case Later(gone):
                model.now += gone
                stored |= {key: value for key, value in state.settle(model.now).items() if value is not None}
                model.events += waiting
                waiting.clear()
                for measure, window in LISTS:
                    assert places(state, measure, window) == model.places(measure, window), (measure, window)
    counts = {name: decode_counts(value) for name, value in stored.items() if name in KNOWN}
    read_again = PartitionState(counts, model.now, known=KNOWN)
    for measure, window in LISTS:
        assert places(read_again, measure, window) == model.places(measure, window), (measure, window)


def test_only_what_changed_is_to_be_stored() -> None:
    state = PartitionState({}, START)
    state.take(views_of((ARTICLES[0], START), (ARTICLES[1], START)))

    assert state.settle(START).keys() == set(ARTICLES[:2])
    assert state.settle(START + 1) == {}


def test_a_clock_that_is_set_back_does_not_bring_the_past_back() -> None:
    state = PartitionState({}, START, known=KNOWN)
    state.take(views_of((ARTICLES[0], START - 59)))
    state.settle(START + 1)

    state.settle(START - 100)
    state.take(views_of((ARTICLES[0], START - 59)))
    state.settle(START - 100)

    assert places(state, Measure.VIEWS, Window.HOUR) == []


def test_a_repeat_is_not_counted_and_told_as_refused() -> None:
    state = PartitionState({}, START, Fairness(VISITOR_RULE), KNOWN)
    state.take(views_of((ARTICLES[0], START), (ARTICLES[0], START + 1), (ARTICLES[0], START + 1), visitors=(7, 7, 8)))
    state.settle(START + 1)

    assert places(state, Measure.VIEWS, Window.HOUR) == [(ARTICLES[0].decode(), 2)]
    assert state.take_refused() == {Reason.REPEAT: 1}
    assert state.take_refused() == {}


def test_recent_visitors_are_stored_with_the_counts() -> None:
    state = PartitionState({}, START, Fairness(VISITOR_RULE))
    view = views_of((ARTICLES[0], START), visitors=(7,))
    state.take(view)
    stored = {key: value for key, value in state.settle(START).items() if value is not None}

    visitors = {key: value for key, value in stored.items() if key != ARTICLES[0]}
    again = PartitionState({}, START, Fairness(VISITOR_RULE, visitors))
    again.take(view)

    assert again.settle(START) == {}


def test_without_the_rule_every_view_counts_and_what_it_stored_is_deleted() -> None:
    state = PartitionState({}, START, Fairness(FairnessRules(), {b"visitors.1.0": b""}), KNOWN)
    state.take(views_of((ARTICLES[0], START), (ARTICLES[0], START), visitors=(7, 7)))

    assert state.settle(START)[b"visitors.1.0"] is None
    assert places(state, Measure.VIEWS, Window.HOUR) == [(ARTICLES[0].decode(), 2)]


def test_a_view_of_a_network_that_gave_its_share_is_not_counted() -> None:
    state = PartitionState({}, START, Fairness(FairnessRules(network_percent=10)), KNOWN)
    state.take(views_of(*[(ARTICLES[0], START)] * 50, networks=(7,) * 50))
    state.settle(START)

    assert places(state, Measure.VIEWS, Window.HOUR) == [(ARTICLES[0].decode(), 10)]
    assert state.take_refused() == {Reason.NETWORK: 40}


def test_an_article_is_listed_once_it_was_viewed_from_enough_networks() -> None:
    rule = FairnessRules(least_networks=3)
    state, view = PartitionState({}, START, Fairness(rule)), (ARTICLES[0], START)
    assert state.learn(ARTICLES[0], Attributes(version=2))
    assert not state.learn(ARTICLES[0], Attributes(version=1))
    state.take(views_of(view, view, view, networks=(1, 2, 2)))
    stored = state.settle(START)
    assert places(state, Measure.VIEWS, Window.HOUR) == []

    fairness = Fairness(rule, {key: value for key, value in stored.items() if key.startswith(b"networks:") and value is not None})
    counts = decode_counts(stored[ARTICLES[0]] or b"")
    state = PartitionState({ARTICLES[0]: counts}, START, fairness, {ARTICLES[0]: Attributes(version=2)})
    assert places(state, Measure.VIEWS, Window.HOUR) == []
    state.take(views_of(view, networks=(3,)))
    state.settle(START)

    assert places(state, Measure.VIEWS, Window.HOUR) == [(ARTICLES[0].decode(), 4)]


def test_visitors_are_counted_once_a_day_and_stored_with_the_counts() -> None:
    state = PartitionState({}, START, known=KNOWN, distinct=DistinctVisitors())
    view = (ARTICLES[0], START)
    state.take(views_of(view, view, view, visitors=(7, 7, 8)))
    stored = {key: value for key, value in state.settle(START).items() if value is not None}
    assert places(state, Measure.VISITORS, Window.TODAY) == [(ARTICLES[0].decode(), 2)]

    counts = {ARTICLES[0]: decode_counts(stored.pop(ARTICLES[0]))}
    again = PartitionState(counts, START, known=KNOWN, distinct=DistinctVisitors(stored))
    again.take(views_of(view, view, visitors=(8, 9)))
    again.settle(START)

    assert places(again, Measure.VISITORS, Window.ALL) == [(ARTICLES[0].decode(), 3)]
    assert places(again, Measure.VIEWS, Window.ALL) == [(ARTICLES[0].decode(), 5)]


def test_who_shared_and_read_is_stored_with_the_counts() -> None:
    state = PartitionState({}, START, known=KNOWN)
    reports = [report_of(Measure.SHARES, 0, 1, START), report_of(Measure.ENGAGED, 0, 40, START)]
    for each in reports:
        state.take(each)
    stored = {key: value for key, value in state.settle(START).items() if value is not None}

    rules = {key: value for key, value in stored.items() if key != ARTICLES[0]}
    assert all(key.startswith(REPORT_PREFIXES) for key in rules)
    again = PartitionState({ARTICLES[0]: decode_counts(stored[ARTICLES[0]])}, START, known=KNOWN, reports=PageReports(0, rules))
    for each in reports:
        again.take(each)

    assert again.settle(START) == {}
    assert places(again, Measure.ENGAGED, Window.HOUR) == [(ARTICLES[0].decode(), 40)]
    assert again.take_refused_reports() == {(measure, Reason.REPEAT): 1 for measure in (Measure.SHARES, Measure.ENGAGED)}


def test_engaged_seconds_of_years_are_more_than_fit_into_a_smaller_number() -> None:
    state = PartitionState({}, START, known=KNOWN)
    for _ in range(3):
        state._count_reports(Measure.ENGAGED, START, {ARTICLES[0]: 2_000_000_000})  # noqa: SLF001 - what `settle` does with reports

    assert places(state, Measure.ENGAGED, Window.ALL) == [(ARTICLES[0].decode(), 6_000_000_000)]
