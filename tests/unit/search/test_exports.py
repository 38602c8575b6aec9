"""Whole results as CSV and NDJSON."""

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.search.core.exports import COLUMNS, ExportForm, ExportParameters, build_export, write_header, write_rows
from tests.unit.search.builders import a_document

CSV, NDJSON = ExportForm.CSV, ExportForm.NDJSON


def cells(*sources, columns=COLUMNS):
    """The rows as a parser reads them, header first."""
    file = write_header(CSV, columns) + write_rows(CSV, columns, sources)
    return list(csv.reader(io.StringIO(file.decode(), newline=""), strict=True))


def test_csv_has_a_header_and_a_row_for_each_article_with_lists_in_one_cell():
    header, row = cells(a_document(authors=["Ada", "Bo"], keywords_found="bridges", word_count=12))

    told = dict(zip(header, row, strict=True))
    assert tuple(header) == COLUMNS
    assert (told["headline"], told["authors"], told["keywords_found"], told["word_count"]) == (
        *("Harbour bridge reopens", "Ada; Bo", "bridges", "12"),
    )
    assert told["image_url"] == ""


def test_ndjson_has_an_object_a_line_with_lists_and_nulls():
    lines = write_rows(NDJSON, COLUMNS, [a_document(authors=["Ada"]), a_document(headline={"fr": "Le pont"})]).decode().splitlines()

    first, second = map(json.loads, lines)
    assert tuple(first) == COLUMNS
    assert (first["authors"], first["keywords"], first["image_url"]) == (["Ada"], [], None)
    assert second["headline"] == "Le pont"
    assert write_header(NDJSON, COLUMNS) == b""


@pytest.mark.parametrize(
    "headline",
    [
        "=1+1",
        "+49",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "  =1",
        "\r=1",
        "\uff1d1",
        "\uff0b1",
        '=HYPERLINK("http://x.example")',
        "-",
        "\n=cmd|' /C calc'!A0",
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_told_as_text(headline):
    _, row = cells({"headline": {"en": headline}, "authors": [headline]}, columns=("headline", "authors"))

    assert row == [f"'{headline}", f"'{headline}"]


@pytest.mark.parametrize("headline", ["a=1", "1-2", "Bridge", "'quoted'", "\u2013 dash"])
def test_other_text_is_told_as_it_is(headline):
    assert cells({"headline": {"en": headline}}, columns=("headline",))[1] == [headline]


@given(st.lists(st.text(), min_size=2, max_size=2))
@example(['a "quoted", part', "two\r\nlines"])
@example(["", ""])
def test_whatever_stands_in_a_text_the_rows_and_cells_stay_apart(texts):
    _, row = cells({"headline": texts[0], "description": texts[1]}, columns=("headline", "description"))

    assert [each.removeprefix("'") for each in row] == [each.removeprefix("'") for each in texts]


def test_csv_lines_end_as_rfc_4180_says():
    assert write_header(CSV, ("a", "b")) == b"a,b\r\n"
    assert write_rows(CSV, ("headline",), [{"headline": 'He said "no", and left'}]) == b'"He said ""no"", and left"\r\n'


def test_the_text_is_a_column_where_it_is_asked_for_and_makes_pages_smaller():
    with_text = ExportParameters(format=CSV, text=True)

    assert with_text.columns[-1] == "body"
    assert "body" not in ExportParameters(format=CSV).columns
    assert with_text.page_size < ExportParameters(format=CSV).page_size
    assert ExportParameters(format=CSV, rows=3).page_size == 3


def test_only_the_first_page_counts_and_later_ones_begin_behind_the_one_before():
    first, later = build_export({}, COLUMNS, 10, None), build_export({}, COLUMNS, 10, [1, "a"])

    assert (first["track_total_hits"], "search_after" in first) == (True, False)
    assert (later["track_total_hits"], later["search_after"]) == (False, [1, "a"])
