"""`from` and `to` as they are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.search.core.asked_times import parse_begin, parse_end
from services.search.core.parameters import SearchParameters


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2024", "2024-01-01T00:00:00+00:00", "2024-12-31T23:59:59.999999+00:00"),
        ("2024-02", "2024-02-01T00:00:00+00:00", "2024-02-29T23:59:59.999999+00:00"),
        ("2023-2", "2023-02-01T00:00:00+00:00", "2023-02-28T23:59:59.999999+00:00"),
        ("2024-05-17", "2024-05-17T00:00:00+00:00", "2024-05-17T23:59:59.999999+00:00"),
        ("2024-05-17T10", "2024-05-17T10:00:00+00:00", "2024-05-17T10:59:59.999999+00:00"),
        ("2024-05-17T10:30", "2024-05-17T10:30:00+00:00", "2024-05-17T10:30:59.999999+00:00"),
        ("2024-05-17T10:30:15Z", "2024-05-17T10:30:15+00:00", "2024-05-17T10:30:15.999999+00:00"),
        ("2024-05-17T10:30:15.25Z", "2024-05-17T10:30:15.250000+00:00", "2024-05-17T10:30:15.250999+00:00"),
        ("2024-05-17T10:30+02:00", "2024-05-17T08:30:00+00:00", "2024-05-17T08:30:59.999999+00:00"),
        ("2024-05-17T00:30:00-0530", "2024-05-17T06:00:00+00:00", "2024-05-17T06:00:00.999999+00:00"),
        ("9999", "9999-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_what_is_named_counts_from_its_first_to_its_last_moment(text, begin, end):
    assert (parse_begin(text).isoformat(), parse_end(text).isoformat()) == (begin, end)


def test_the_plus_of_an_offset_may_have_become_a_blank_in_an_address():
    assert parse_begin("2024-05-17T10:30 02:00") == parse_begin("2024-05-17T10:30+02:00")


def test_a_year_in_json_may_be_a_number():
    assert parse_end(2024) == parse_end("2024")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1700000000",
            "1700000000000",
            "24",
            "20240517",
            "2024-05-17 02:00",
            "2024-05-17+02:00",
            "yesterday",
            "2024-5-",
            "٢٠٢٤",
            "",
        ),
        *(2024.5, True, None, ["2024"]),
    ],
)
def test_whatever_else_is_refused_with_what_can_be_written(text):
    with pytest.raises(ValueError, match=r"write a year \(2024\), a month \(2024-05\), a day \(2024-05-17\) or a time"):
        parse_begin(text)


@pytest.mark.parametrize(
    "text", ["0000", "2024-13", "2024-02-30", "2024-05-17T24:00", "2024-05-17T10:60", "0001-01-01T00:00+01:00"]
)
def test_what_no_calendar_has_is_refused_as_such(text):
    with pytest.raises(ValueError, match="is not in the calendar"):
        parse_end(text)


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28)))  # noqa: DTZ001 - the zone is added
def test_every_time_that_python_writes_is_read_as_the_same_to_the_millisecond(time):
    time = time.replace(fold=0)
    if (time.utcoffset() or timedelta()).total_seconds() % 60:  # offsets of seconds, before there were time zones
        time = time.replace(tzinfo=UTC)
    read = parse_begin(time.isoformat()).moment

    assert read == time.astimezone(UTC).replace(microsecond=time.microsecond // 1000 * 1000)


def test_a_search_keeps_its_dates_as_they_were_written():
    asked = SearchParameters.model_validate({"from": "2024", "to": "2024-05"})

    assert asked.model_dump(mode="json", by_alias=True, exclude_defaults=True) == {"from": "2024", "to": "2024-05"}
    assert SearchParameters.model_validate({"from": asked.date_from}) == SearchParameters.model_validate({"from": "2024"})


def test_a_search_that_ends_before_it_begins_is_refused_at_its_end():
    with pytest.raises(ValidationError, match="2023 ends before 2024 begins") as caught:
        SearchParameters.model_validate({"from": "2024", "to": "2023"})

    assert caught.value.errors()[0]["loc"] == ("to",)
    assert SearchParameters.model_validate({"from": "2024-05", "to": "2024"}).date_to is not None
