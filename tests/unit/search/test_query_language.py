"""What people type, read as a query."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.search.core.query_dates import Dates
from services.search.core.query_errors import QueryError
from services.search.core.query_language import DEEPEST, MOST_TERMS, parse_query
from services.search.core.query_tree import And, Not, Or, Phrase, Query, Word, count_terms, has_words, leaves_of, render_query
from tests.unit.search.query_trees import NEARLY, TREES


def words(text):
    return tuple(Word(each) for each in text.split())


A, B, C = words("a b c")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a | b", Or((A, B))),
        ("a|b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("(a b) c", And((A, B, C))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("NOT a", Not(A)),
        ("-a", Not(A)),
        ("a -b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("-(a b)", Not(And((A, B)))),
        ("NOT NOT a", A),
        ("-(-a)", A),
        ('"a b" c', And((Phrase("a b"), C))),
        ("“a b”", Phrase("a b")),
        ("„a b“", Phrase("a b")),
        ('-"a b"', Not(Phrase("a b"))),
        ('a"b c"', And((A, Phrase("b c")))),
        ('""', Phrase("")),
        ("headline:a", Word("a", "headline")),
        ("Headline:a", Word("a", "headline")),
        ("-headline:a", Not(Word("a", "headline"))),
        ('entity:"a b"', Phrase("a b", "entity")),
        ("headline:(a OR b) c", And((Or((Word("a", "headline"), Word("b", "headline"))), C))),
        ("headline:-a", Word("-a", "headline")),
        ("headline:a:b", Word("a:b", "headline")),
        ("section:AND", Word("AND", "section")),
    ],
)
def test_operators_quotes_parentheses_and_fields_say_how_words_belong_together(text, query):
    assert parse_query(text) == query


@pytest.mark.parametrize(
    "text",
    [
        *(
            "10:30 at 3:2",
            "https://a.example/b?c=d",
            "Breaking: news",
            "headline: a",
            "a - b",
            "a -- b",
            "AT & T",
            "O'Brien l’été",
            "a + b",
        ),
        *(
            "and or not",
            "C:\\windows",
            "a::b",
            "*:*",
            "bord* /x/ a~2 b^3",
            "Москва:новости",
            "漢字 かな",
            "!!!",
            "...",
            ":) :a:"[3:],
        ),
    ],
)
def test_what_else_people_type_is_words(text):
    assert parse_query(text) in (And(words(text)), Word(text))


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u3000", "\u0000\u202e"])
def test_blanks_are_no_query(text):
    assert parse_query(text) is None


def test_control_characters_part_words_as_blanks_do():
    assert parse_query("a\u0000b\u202ec") == And((A, B, C))


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ('a "b c', 2, "this quote is not closed"),
        ("a (b", 2, "this parenthesis is not closed"),
        ("(a (b)", 0, "this parenthesis is not closed"),
        ("a) b", 1, "this parenthesis closes none"),
        (")", 0, "this parenthesis closes none"),
        ("a ()", 2, "these parentheses hold nothing"),
        ("(", 0, "this parenthesis is not closed"),
        ("a AND", 2, "there is nothing to the right of AND"),
        ("OR a", 0, "there is nothing to the left of OR"),
        ("a | | b", 2, "there is nothing to the right of '|'"),
        ("a OR AND b", 2, "there is nothing to the right of OR"),
        ("(a OR)", 3, "there is nothing to the right of OR"),
        ("(OR a)", 1, "there is nothing to the left of OR"),
        ("a NOT", 2, "there is nothing to the right of NOT"),
        ("a AND NOT", 6, "there is nothing to the right of NOT"),
        ("a color:red", 2, "there is no field 'color', only headline, "),
        ("_exists_:a", 0, "there is no field '_exists_'"),
        ("headline.en:a", 0, "there is no field 'headline.en'"),
        ("headline:(section:a)", 10, "this stands in the parentheses of the field headline already"),
        ("headline:(a", 9, "this parenthesis is not closed"),
        ("date:yesterday", 5, "'yesterday' is not a date"),
        ("date:2024-02-30", 5, "2024-02-30 is not in the calendar"),
        ("date:(2024 OR 2025-13)", 14, "2025-13 is not in the calendar"),
        ("date:2025..2024", 5, "ends before it begins"),
        ("date:..", 5, "a first day, a last one, or both"),
        ("date:>9999", 5, "there are no days"),
        ("漢 (", 2, "this parenthesis is not closed"),
        ("  a (", 4, "this parenthesis is not closed"),
        ("e\u0301 (", 3, "this parenthesis is not closed"),
        ("(" * 9 + "a" + ")" * 9, 8, "parentheses are nested more than 8 deep"),
        (" ".join("a" * 33), 64, "here begins more than the 32 words"),
        ("漢" * 33, 0, "here begins more than the 32 words"),
    ],
)
def test_what_has_no_reading_is_an_error_that_names_the_character(text, position, says):
    with pytest.raises(QueryError) as caught:
        parse_query(text)

    assert caught.value.position == position
    assert says in caught.value.detail


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-11-21", date(2024, 11, 21), date(2024, 11, 21)),
        ("2024-2", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        (">=2024-11", date(2024, 11, 1), None),
        (">2024-11", date(2024, 12, 1), None),
        ("<=2024", None, date(2024, 12, 31)),
        ("<2024", None, date(2023, 12, 31)),
        ("2024-11-01..2024-11-30", date(2024, 11, 1), date(2024, 11, 30)),
        ("2023..2024", date(2023, 1, 1), date(2024, 12, 31)),
        ("2024..", date(2024, 1, 1), None),
        ("..2024-02", None, date(2024, 2, 29)),
    ],
)
def test_dates_are_days_months_years_and_ranges_of_them(text, first, last):
    assert parse_query(f"date:{text}") == Dates(first, last)


def test_a_caret_stands_below_the_character_that_is_meant():
    error = QueryError("", 100)

    assert QueryError("", 2).with_caret("a (b") == "a (b\n  ^"
    assert error.with_caret("漢" * 99 + "a(" + "b" * 99) == "漢" * 39 + "a(" + "b" * 39 + "\n" + " " * 40 + "^"
    assert "\n" not in QueryError("", 0).with_caret("(\n\u0000").splitlines()[0]


def test_words_are_counted_as_the_engine_parts_them():
    counts = {"क्षि " * 3: 3, "خانه‌ها": 1, "été": 1, "東京 2020": 3, "well-known facts": 3, "👍🏽": 2, "& -": 0}

    assert {text: count_terms(text) for text in counts} == counts


def test_positions_are_those_of_the_text_that_was_typed():
    query = parse_query("  é  (headline:b OR “c d”)")

    assert query is not None
    assert [getattr(leaf, "position", None) for leaf in leaves_of(query)] == [2, 15, 20]


@pytest.mark.parametrize(
    ("text", "answer"), [("a", True), ("entity:a", False), ("date:2024", False), ("& !", False), ("-body:a", True)]
)
def test_a_query_for_names_and_dates_alone_has_no_words(text, answer):
    assert has_words(parse_query(text)) is answer


def depth(query: Query) -> int:
    match query:
        case Not(operand):
            return 1 + depth(operand)
        case And(operands) | Or(operands):
            return 1 + max(map(depth, operands))
        case _:
            return 0


@given(TREES)
def test_a_query_that_is_written_out_reads_as_the_same_query(query):
    assume(sum(count_terms(getattr(leaf, "text", "")) + 1 for leaf in leaves_of(query)) <= MOST_TERMS)
    assume(depth(query) <= DEEPEST)

    assert parse_query(render_query(query)) == query


def read(text):
    """A query, or what is wrong with it."""
    try:
        return parse_query(text)
    except QueryError as error:
        return error


@given(st.one_of(st.text(max_size=512), NEARLY))
def test_any_text_is_a_query_or_an_error_at_one_of_its_characters(text):
    query = read(text)

    if isinstance(query, QueryError):
        assert 0 <= query.position < len(text)
        assert query.with_caret(text).endswith("^")
    else:
        assert query is None or parse_query(render_query(query)) == query
