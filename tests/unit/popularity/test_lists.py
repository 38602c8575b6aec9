"""The lists of groups of articles, against sorting all articles of each group anew for every list."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.attributes import Attributes
from services.popularity.core.counting import ArticleCounts, add_count, bucket_keys, decode_counts
from services.popularity.core.lists import COUNTED, Family, ListPlan, PartitionLists, families_of
from services.popularity.core.state import PartitionState
from services.popularity.core.tallying import CommentTally
from services.popularity.core.windows import span_of
from shared.popularity import ListGroup, Measure, Window

START = 29_400_000
LONGEST = 2
PLAN = ListPlan(UTC, fresh_days=(1,), most_groups=100, longest=LONGEST)
ARTICLES = [f"{number:032x}".encode() for number in range(8)]
NAMES = st.sampled_from((None, "a", "b"))
AGES = st.integers(0, 70) | st.integers(0, 30).map(lambda hours: hours * 60)


@dataclass(frozen=True)
class Comments:
    """Comments on an article, so many minutes old."""

    article: int
    number: int
    age: int


@dataclass(frozen=True)
class Learn:
    """Something is said of an article; `age` is that of its date."""

    article: int
    version: int
    names: tuple[str | None, str | None, str | None]
    age: int
    retracted: bool


@dataclass(frozen=True)
class Later:
    """Time goes by, and all lists are made."""

    minutes: int


STEPS = st.lists(
    st.builds(Comments, st.integers(0, 7), st.integers(1, 3), AGES)
    | st.builds(Learn, st.integers(0, 7), st.integers(1, 9), st.tuples(NAMES, NAMES, NAMES), AGES, st.booleans())
    | st.builds(Later, st.integers(0, 3) | st.integers(0, 90) | st.integers(0, 3 * 1440)),
    max_size=30,
)


@dataclass
class Model:
    """Everything that happened."""

    now: int = START
    events: list[tuple[bytes, int]] = field(default_factory=list)
    known: dict[bytes, Attributes] = field(default_factory=dict)

    def lists(self, family: Family) -> dict[ListGroup, list[tuple[bytes, int]]]:
        """The lists of every group that has entries."""
        span = span_of(family.window, self.now, UTC)
        counts = Counter(article for article, minute in self.events if span is None or span.holds(minute))
        oldest = (self.now // 60 - 24 * family.fresh_days) * 60 if family.fresh_days else 0
        listed = {name: about for name, about in self.known.items() if not about.retracted and about.minute >= oldest}
        groups: dict[ListGroup, list[tuple[bytes, int]]] = {}
        for article, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            for group in groups_of(listed[article], all_of=not family.fresh_days) if article in listed else ():
                groups.setdefault(group, []).append((article, count))
        return {group: places[:LONGEST] for group, places in groups.items()}


def groups_of(about: Attributes, *, all_of: bool) -> set[ListGroup]:
    """The groups of an article; without `all_of`, those of one value at the most."""
    options = [(None, value) if value else (None,) for value in (about.section, about.language, about.publisher)]
    groups = {ListGroup(section=s, language=la, publisher=p) for s in options[0] for la in options[1] for p in options[2]}
    return {group for group in groups if all_of or sum(map(bool, group.model_dump().values())) <= 1}


def ranked(lists: PartitionLists, family: Family) -> dict[ListGroup, list[tuple[bytes, int]]]:
    return {
        lists.groups.name(group): [
            (lists.rowing.articles[row], int(score)) for row, score in zip(places.rows, places.scores, strict=True)
        ]
        for group, places in lists.rank(family).items()
    }


FAMILIES = [family for family in families_of(PLAN) if family.measure is Measure.COMMENTS]


@given(STEPS)
@settings(max_examples=200)
def test_every_list_of_every_group_is_what_sorting_its_articles_gives(steps: list[Comments | Learn | Later]) -> None:
    state, model = PartitionState({}, START, plan=PLAN), Model()
    stored: dict[bytes, bytes] = {}
    comments = iter(range(10_000))
    for step in [*steps, Later(0)]:
        match step:
            case Comments(article, number, age):
                for _ in range(number):
                    state.take(CommentTally(ARTICLES[article], model.now - age, next(comments).to_bytes(16, "big")))
                    model.events.append((ARTICLES[article], model.now - age))
            case Learn(article, version, names, age, retracted):
                about = Attributes(version, *names, minute=model.now - age, retracted=retracted)
                is_news = version > model.known.get(ARTICLES[article], Attributes(0)).version
                assert state.learn(ARTICLES[article], about) is is_news
                if is_news:
                    model.known[ARTICLES[article]] = about
            case Later(gone):
                model.now += gone
                stored |= {key: value for key, value in state.settle(model.now).items() if value is not None}
                for family in FAMILIES:
                    assert ranked(state.lists, family) == model.lists(family), family
    counts = {key: decode_counts(value) for key, value in stored.items() if len(key) == 32}
    read_again = PartitionState(counts, model.now, known=model.known, plan=PLAN)
    for family in FAMILIES:
        assert ranked(read_again.lists, family) == model.lists(family), family


def lists_of(views: dict[int, int], names: dict[int, str], plan: ListPlan = PLAN) -> PartitionLists:
    """Lists of articles with so many views now, in these sections."""
    articles = {ARTICLES[number]: ArticleCounts() for number in views}
    for number, count in views.items():
        add_count(articles[ARTICLES[number]].views, bucket_keys(START), count)
    lists = PartitionLists(plan, START, lambda names, measure: [articles[name].cells(measure) for name in names])
    lists.load(articles, {ARTICLES[number]: Attributes(1, section=name, minute=START - 600) for number, name in names.items()})
    return lists


def test_the_largest_groups_have_lists_and_the_others_are_left_out() -> None:
    plan = ListPlan(UTC, (), most_groups=1)
    lists = lists_of({0: 1, 1: 2, 2: 3}, {0: "large", 1: "large", 2: "small"}, plan)

    assert set(ranked(lists, Family(Measure.VIEWS, Window.ALL))) == {ListGroup(), ListGroup(section="large")}
    assert lists.groups.left_out == 1


def test_when_another_group_becomes_larger_it_is_given_the_lists_at_the_next_choice() -> None:
    plan = ListPlan(UTC, (), most_groups=1)
    lists = lists_of({0: 1, 1: 2, 2: 3}, {0: "large", 1: "large", 2: "small"}, plan)
    for number in (0, 1):
        lists.learn(ARTICLES[number], Attributes(2, section="small"))

    assert lists.choose_groups()
    assert set(ranked(lists, Family(Measure.VIEWS, Window.ALL))) == {ListGroup(), ListGroup(section="small")}


def test_with_room_for_all_groups_a_choice_changes_nothing() -> None:
    lists = lists_of({0: 1}, {0: "World"})

    assert not lists.choose_groups()
    assert lists.groups.left_out == 0


def test_a_family_in_which_nothing_changed_is_not_due() -> None:
    lists = lists_of({0: 1, 1: 2}, {0: "World", 1: "World"})
    for family in lists.due():
        lists.rank(family)
    assert lists.due() == []

    lists.count(Measure.COMMENTS, START, {ARTICLES[0]: 1})

    assert {family.measure for family in lists.due()} == {Measure.COMMENTS}


def test_articles_that_are_no_longer_recent_give_way_to_those_behind_them() -> None:
    lists = lists_of({0: 9, 1: 8, 2: 7}, {})
    for number, age in enumerate((24 * 60, 24 * 60, 60)):
        lists.learn(ARTICLES[number], Attributes(1, minute=START - START % 60 - age))
    family = Family(Measure.VIEWS, Window.ALL, fresh_days=1)
    assert [count for _, count in ranked(lists, family)[ListGroup()]] == [9, 8]

    lists.move_on(START + 60)

    assert family in lists.due()
    assert [count for _, count in ranked(lists, family)[ListGroup()]] == [7]


def test_what_trends_is_explained_by_the_numbers_that_make_the_score() -> None:
    lists = lists_of({0: 50, 1: 4, 2: 4, 3: 4}, dict.fromkeys(range(4), "World"))
    found = lists.rank(Family(Measure.TRENDING, Window.HOUR))[0]

    assert [lists.rowing.articles[row] for row in found.rows.tolist()] == [ARTICLES[0]]
    trend = orjson.loads(b"{" + lists.scoring.explain(int(found.rows[0])).removeprefix(b",") + b"}")["trend"]
    assert abs((50 - trend["expected"]) / (trend["expected"] + 1) ** 0.5 - found.scores[0]) < 0.01


def test_hot_is_what_was_read_last() -> None:
    articles = {ARTICLES[number]: ArticleCounts() for number in range(2)}
    add_count(articles[ARTICLES[0]].views, bucket_keys(START - 12 * 60), 30)
    add_count(articles[ARTICLES[1]].views, bucket_keys(START), 10)
    lists = PartitionLists(PLAN, START, lambda names, measure: [articles[name].cells(measure) for name in names])
    lists.load(articles, {article: Attributes(1) for article in articles})

    found = lists.rank(Family(Measure.HOT, Window.WEEK))[0]

    assert [lists.rowing.articles[row] for row in found.rows.tolist()] == [ARTICLES[1], ARTICLES[0]]
    assert found.scores.tolist() == [10.0, 7.5]


def test_scores_are_the_same_whichever_way_they_were_come_to() -> None:
    """Lists that were kept while time went by, and lists made at the end of what was stored."""
    plan = ListPlan(UTC, (1,), most_groups=10)
    state = PartitionState({}, START, plan=plan)
    known = {article: Attributes(1, section="World", minute=START - 90 * number) for number, article in enumerate(ARTICLES)}
    for article, about in known.items():
        state.learn(article, about)
    for minute in range(START, START + 600, 7):
        numbers = {ARTICLES[minute % 5]: 3 + minute % 4} | {ARTICLES[minute % 8]: 2}
        state._count_views(minute, numbers)  # noqa: SLF001 - what `settle` does with views
        state.settle(minute)
        for family in state.lists.due():
            state.lists.rank(family)
    again = PartitionState(state.articles, state.now_minute, known=known, plan=plan)

    for family in families_of(plan):
        assert in_words(state.lists, family) == in_words(again.lists, family), family
    assert COUNTED


def in_words(lists: PartitionLists, family: Family) -> dict[ListGroup, list[tuple[bytes, float]]]:
    found = lists.rank(family)
    return {
        lists.groups.name(group): list(
            zip([lists.rowing.articles[row] for row in places.rows.tolist()], places.scores.tolist(), strict=True)
        )
        for group, places in found.items()
    }


def test_a_measure_of_which_nothing_was_counted_has_empty_lists_and_no_columns() -> None:
    lists = lists_of({0: 1, 1: 2}, {0: "World", 1: "World"})

    assert lists.rank(Family(Measure.SHARES, Window.ALL)) == {}
    assert lists.counts_of(Family(Measure.ENGAGED, Window.ALL), lists.rowing.all_of(ARTICLES[:2])) == [0, 0]
    assert lists._counts.measures == [Measure.VIEWS]  # noqa: SLF001 - what is not there shows in nothing else


def test_a_measure_may_be_counted_first_when_there_are_many_articles_and_more_come_later() -> None:
    lists = lists_of({0: 1}, {})
    many = [f"{number:032x}".encode() for number in range(5_000)]
    for start, end in ((0, 1_600), (1_600, 5_000)):
        lists.count(Measure.VIEWS, START, dict.fromkeys(many[start:end], 1))
        lists.count(Measure.SHARES, START, dict.fromkeys(many[start:end], 2))

    assert lists.counts_of(Family(Measure.SHARES, Window.ALL), lists.rowing.all_of(many)) == [2] * 5_000
