"""Reports of pages: one reading of a visitor and article in half an hour counts, and one share on a day."""

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.popularity.core.fairness import Reason
from services.popularity.core.reports import READING_SECONDS, PageReports, ReportTally
from services.popularity.core.view_rows import ViewColumns, join_columns
from shared.popularity import Measure
from tests.visitor_model import VisitorModel

#: The begin of a day (UTC).
START = 1_790_035_200
DAY = 86_400
ARTICLES = [f"{number:032x}".encode() for number in range(3)]


def report(
    measure: Measure, second: int, *, visitor: int = 1, article: int = 0, number: int = 1, network: int = 0, age: int = 0
) -> ReportTally:
    """A record with the report of what happened in a second, and was stored `age` seconds later."""
    return record_of(measure, [(ARTICLES[article], visitor << 8 | article, network, second)], [number], second + age)


def record_of(
    measure: Measure, rows: list[tuple[bytes, int, int, int]], numbers: list[int], stored_at: int, **more: Any
) -> ReportTally:
    """A record with reports of article, pair, network and second each."""
    articles, pairs, networks, seconds = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = ViewColumns(
        np.array(articles, "S32"), np.array(pairs, np.uint64), np.array(networks, np.uint64), np.array(seconds, np.int64)
    )
    return ReportTally(measure, columns, np.array(numbers, np.int64), stored_at, **more)


def in_one_record(*reports: ReportTally) -> ReportTally:
    """What several records hold in one, stored when the last of them was."""
    numbers = np.concatenate([each.numbers for each in reports])
    return ReportTally(reports[0].measure, join_columns([each.reports for each in reports]), numbers, reports[-1].stored_at)


def moment(record: ReportTally) -> tuple[int, int]:
    """The pair and second of the one report of a record."""
    return int(record.reports.pairs[0]), int(record.reports.seconds[0])


def reading(second: int, engaged_seconds: int, **more: int) -> ReportTally:
    return report(Measure.ENGAGED, second, number=engaged_seconds, **more)


def share(second: int, **more: int) -> ReportTally:
    return report(Measure.SHARES, second, **more)


def counted(*taken: ReportTally, reports: PageReports | None = None) -> Counter[tuple[Measure, bytes, int]]:
    """What is counted by measure, article and minute."""
    reports = reports or PageReports()
    for each in taken:
        reports.take(each)
    found: Counter[tuple[Measure, bytes, int]] = Counter()
    for measure, minute, numbers in reports.count():
        for article, number in numbers.items():
            found[measure, article, minute] += number
    return found


def total(*taken: ReportTally, reports: PageReports | None = None) -> int:
    return counted(*taken, reports=reports).total()


def test_engaged_seconds_of_several_readers_add_up_in_the_minute_in_which_they_left() -> None:
    found = counted(
        reading(START, 40), reading(START + 59, 2, visitor=2), reading(START + 60, 7, visitor=3), reading(START, 9, article=1)
    )

    minute = START // 60
    assert found == {
        (Measure.ENGAGED, ARTICLES[0], minute): 42,
        (Measure.ENGAGED, ARTICLES[0], minute + 1): 7,
        (Measure.ENGAGED, ARTICLES[1], minute): 9,
    }


def test_of_a_reader_and_article_one_reading_counts_in_half_an_hour() -> None:
    reports = PageReports()

    assert total(reading(START, 30), reading(START + 60, 50), reading(START + READING_SECONDS, 70), reports=reports) == 100
    assert reports.take_refused() == {(Measure.ENGAGED, Reason.REPEAT): 1}
    assert reports.take_refused() == {}


def test_nobody_counts_for_more_seconds_than_have_gone_by_however_many_pages_they_open() -> None:
    """A thousand pages that are opened at once and report half an hour each, again and again for three hours."""
    floods = [reading(START + at, 1800) for at in range(1800, 3 * 3600 + 1, 60) for _ in range(20)]

    assert total(*floods) == 3 * 3600


def test_a_share_counts_once_a_day_of_a_reader_and_article() -> None:
    reports = PageReports()
    shares = [share(START + second) for second in (0, 1, 50_000, DAY - 1, DAY, 2 * DAY - 1)]

    assert total(*shares, share(START, article=1), share(START, visitor=2), reports=reports) == 4
    assert reports.take_refused() == {(Measure.SHARES, Reason.REPEAT): 4}


def test_two_shares_a_second_apart_are_two_where_a_day_ends_between_them() -> None:
    assert total(share(START + DAY - 1), share(START + DAY)) == 2


def test_a_share_that_comes_a_day_late_is_still_known() -> None:
    reports = PageReports()

    assert total(share(START), reports=reports) == 1
    assert total(share(START + DAY - 1, visitor=2), share(START + 2 * DAY - 1, visitor=2), reports=reports) == 2
    assert total(share(START + DAY - 1, age=DAY), reports=reports) == 0


def test_reports_of_one_record_count_as_those_of_a_record_each() -> None:
    each = [reading(START + at, at + 1, visitor=at % 3, article=at % 2) for at in range(60)]

    assert counted(in_one_record(*each)) == counted(*each)
    assert total(in_one_record(*each)) > 0


def test_a_reading_and_a_share_do_not_make_each_other_a_repeat() -> None:
    assert total(reading(START, 30), share(START)) == 31


@pytest.mark.parametrize("reason", [Reason.LATE, Reason.FUTURE])
def test_what_was_refused_before_is_only_told(reason: Reason) -> None:
    reports = PageReports()
    late = record_of(Measure.SHARES, [], [], START, refused={reason: 2})

    assert total(late, reports=reports) == 0
    assert reports.take_refused() == {(Measure.SHARES, reason): 2}
    assert total(share(START), reports=reports) == 1


def test_a_network_gives_no_more_than_its_share_of_the_reports_of_an_article() -> None:
    reports = PageReports(network_percent=10)

    assert total(*[share(START, visitor=number, network=7) for number in range(50)], reports=reports) == 10
    assert total(*[reading(START, 60, visitor=number, network=7) for number in range(50)], reports=reports) == 600
    assert reports.take_refused() == {(measure, Reason.NETWORK): 40 for measure in (Measure.ENGAGED, Measure.SHARES)}


def test_without_a_limit_what_networks_left_is_deleted() -> None:
    reports = PageReports(network_percent=10)
    total(share(START, network=7), reports=reports)
    stored = {key: value for key, value in reports.changes().items() if value is not None}
    left = {key for key in stored if key.startswith(b"shares/networks:")}
    assert left

    assert dict.fromkeys(left).items() <= PageReports(0, stored).changes().items()


MOMENTS = st.sampled_from([0, 1, 299, 300, 1799, 1800, 3600, DAY - 1, DAY]) | st.integers(0, 90_000)
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0, 0, 1, 299, 300, 1799, 7200, DAY - 1]), MOMENTS, st.integers(1, 1800)),
    max_size=30,
)


@given(steps=STEPS, cuts=st.lists(st.integers(0, 30), max_size=4), starts_anew=st.booleans())
@settings(max_examples=300)
def test_readings_count_by_the_rule_of_views_wherever_the_log_is_cut_and_the_worker_starts_anew(
    *, steps: list[tuple[int, int, int, int]], cuts: list[int], starts_anew: bool
) -> None:
    model, now, log, expected = VisitorModel(READING_SECONDS), START, [], 0
    for visitor, age, gone, engaged in steps:
        now += gone
        log.append(reading(now - age, engaged, visitor=visitor, age=age))
        expected += engaged if model.counts(moment(log[-1])[0], now - age, now) else 0

    assert total_in_parts(log, cuts, starts_anew=starts_anew) == expected


@given(steps=STEPS, cuts=st.lists(st.integers(0, 30), max_size=4), starts_anew=st.booleans())
@settings(max_examples=300)
def test_shares_count_once_a_day_wherever_the_log_is_cut_and_the_worker_starts_anew(
    *, steps: list[tuple[int, int, int, int]], cuts: list[int], starts_anew: bool
) -> None:
    now, log = START, []
    for visitor, age, gone, _ in steps:
        now += gone
        log.append(share(now - age, visitor=visitor, age=age))

    assert total_in_parts(log, cuts, starts_anew=starts_anew) == len({(pair, second // DAY) for pair, second in map(moment, log)})


def total_in_parts(log: list[ReportTally], cuts: list[int], *, starts_anew: bool) -> int:
    """What is counted with a checkpoint at every cut; `starts_anew` by another worker after each."""
    reports, stored, number = PageReports(), dict[bytes, bytes](), 0
    for start, end in itertools.pairwise([0, *sorted(cuts), len(log)]):
        number += total(*log[start:end], reports=reports)
        for key, value in reports.changes().items():
            if value is None:
                stored.pop(key, None)
            else:
                stored[key] = value
        if starts_anew:
            reports = PageReports(0, stored)
    return number
