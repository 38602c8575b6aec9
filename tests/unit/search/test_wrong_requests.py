"""What is wrong with a request, as whoever sent it is told."""

import pytest
from pydantic import ValidationError

from services.search.core.parameters import PopularParameters, SearchParameters
from services.search.core.wrong_requests import explain_errors, explain_unknown, summarize

KNOWN = {"q": "words", "size": "how many", "sort": "the order", "language": "BCP 47: `en`", "facets": "", "from": "", "to": ""}


def wrong(model=SearchParameters, **values):
    """What is said of each parameter."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values)
    errors = [{**error, "loc": ("query", *error["loc"])} for error in caught.value.errors()]
    return {each["field"]: each["detail"] for each in explain_errors(errors, KNOWN)}


def test_a_mistyped_parameter_is_answered_with_the_one_that_was_probably_meant():
    assert explain_unknown("langauge", ["q", "language"]) == {
        "field": "langauge",
        "detail": "there is no such parameter here: did you mean language? there are q, language",
    }
    assert explain_unknown("x", [])["detail"] == "there is no such parameter here: there are none"
    assert wrong(szie="1") == {
        "szie": "there is no such parameter here: did you mean size? there are q, size, sort, language, facets, from, to"
    }


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"sort": "newest"}, "Input should be 'relevance', 'date' or 'popularity'"),
        ({"size": "ten"}, "write a whole number: how many"),
        ({"size": "1000"}, "Input should be less than or equal to 100"),
        ({"facets": "perhaps"}, "write true or false"),
        ({"section": ["x" * 1001]}, "it may have 1000 characters at most"),
        ({"section": ["x"] * 11}, "Tuple should have at most 10 items"),
        (
            {"from": "1700000000"},
            "'1700000000' is not a date or time: write a year (2024), a month (2024-05), a day (2024-05-17) or",
        ),
    ],
)
def test_what_is_said_of_a_value_says_what_can_be_given(values, detail):
    (said,) = wrong(**values).values()

    assert said.startswith(detail)


def test_what_has_another_form_is_answered_with_what_the_parameter_is():
    (said,) = wrong(language=["English"]).values()

    assert said.endswith(": BCP 47: `en`")


def test_a_window_without_such_a_list_is_named():
    said = wrong(PopularParameters, measure="trending", window="7d")

    assert said == {"window": "by trending there are lists for the windows 1h, not for 7d"}


def test_a_body_that_is_no_json_is_said_to_be_none_at_its_character():
    error = {"type": "json_invalid", "loc": ("body", 7), "msg": "JSON decode error", "ctx": {"error": "Expecting value"}}

    assert explain_errors([error], {}) == [{"field": "body", "detail": "the body is not JSON, at character 7: Expecting value"}]


def test_what_is_wrong_with_a_whole_body_is_said_of_it():
    error = {"type": "value_error", "loc": ("body",), "msg": "Value error, it would match every article"}

    assert explain_errors([error], {}) == [{"field": "body", "detail": "it would match every article"}]


def test_the_first_error_stands_in_the_line_that_everybody_shows():
    assert summarize([{"field": "sort", "detail": "a"}]) == "sort: a"
    assert summarize([{"field": "sort", "detail": "a"}, {"field": "size", "detail": "b"}]) == "sort: a; 1 more, see `errors`"


def test_no_answer_is_larger_than_its_question():
    errors = [{"type": "extra_forbidden", "loc": ("query", "x" * 10_000), "msg": ""}] * 100

    assert sum(len(each["field"]) for each in explain_errors(errors, {})) <= 2_000
