"""What Elasticsearch is asked for a query."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.core.query_compiler import can_relax, compile_query, compile_relaxed
from services.search.core.query_errors import QueryError
from services.search.core.query_language import LONGEST_QUERY, parse_query
from shared.indices import ANALYSED_LANGUAGES
from tests.unit.search.query_trees import NEARLY, TREES

OWN = {"headline": "headline.en^3", "description": "description.en^1.5", "body": "body.en^1"}
FOLDED = {"headline": "folded.headline^2.7", "description": "folded.description^1.35", "body": "folded.body^0.9"}


def phrase(text, *, names=("headline", "description", "body"), fields=("own", "folded"), unindexed="none"):
    asked = [
        *([OWN[name] for name in names] if "own" in fields else []),
        *([FOLDED[name] for name in names] if "folded" in fields else []),
    ]
    return {"multi_match": {"query": text, "type": "phrase", "fields": asked, "zero_terms_query": unindexed}}


def in_english(clause):
    return {"bool": {"must": [clause], "filter": [{"exists": {"field": "headline.en"}}]}}


def compiled(text, fields=("en",)):
    query = parse_query(text)
    assert query is not None
    return compile_query(query, fields)


def test_a_word_is_looked_for_in_all_texts_of_each_language_in_use():
    asked = compiled("bridge", ("en", "other"))

    assert asked["bool"]["should"][0] == in_english(phrase("bridge"))
    assert asked["bool"]["should"][1]["bool"]["filter"] == [{"exists": {"field": "headline.other"}}]
    assert asked["bool"]["minimum_should_match"] == 1


def test_words_must_all_occur_but_for_those_that_a_language_does_not_index():
    assert compiled("the bridge -closed") == in_english(
        {"bool": {"must": [phrase("the", unindexed="all"), phrase("bridge", unindexed="all")], "must_not": [phrase("closed")]}}
    )


def test_either_of_two_is_enough():
    assert compiled("bridge OR harbour") == in_english(
        {"bool": {"should": [phrase("bridge"), phrase("harbour")], "minimum_should_match": 1}}
    )


def test_not_a_word_is_asked_of_articles_of_the_language_only():
    assert compiled("-bridge") == in_english({"bool": {"must_not": [phrase("bridge")]}})


def test_a_field_narrows_down_where_a_word_is_looked_for():
    assert compiled("headline:bridge") == in_english(phrase("bridge", names=("headline",)))


def test_a_word_with_accents_is_looked_for_without_them_too():
    assert compiled("élu") == in_english({"dis_max": {"queries": [phrase("élu", fields=("own",)), phrase("elu")]}})


def test_words_are_compared_in_one_normal_form():
    assert compiled("e\u0301lu") == compiled("élu")


def test_names_and_dates_are_asked_once_whatever_the_languages_and_weigh_nothing_beside_words():
    section = {"constant_score": {"filter": {"term": {"section": {"value": "World", "case_insensitive": True}}}}}
    days = {"range": {"date": {"gte": "2024-11-01", "lte": "2024-11-30||/d"}}}

    assert compiled("section:World date:2024-11", ("en", "fr")) == {"bool": {"filter": [section, days]}}
    assert compiled("section:World bridge") == {"bool": {"must": [in_english(phrase("bridge"))], "filter": [section]}}


def test_a_keyword_is_one_of_the_publishers_own_or_one_that_was_found():
    terms = [{"term": {name: {"value": "trade", "case_insensitive": True}}} for name in ("keywords_found", "keywords")]

    (condition,) = compiled("keyword:trade")["bool"]["filter"]

    assert condition == {"constant_score": {"filter": {"bool": {"should": terms, "minimum_should_match": 1}}}}


@pytest.mark.parametrize("text", ["&", "!!! ...", '""', 'entity:""', "-&", "& OR !"])
def test_what_has_no_words_finds_nothing(text):
    assert compiled(text) == {"match_none": {}}


def test_punctuation_beside_words_counts_for_nothing():
    assert compiled("bridge & harbour -") == compiled("bridge harbour")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a b c", True),
        ("a b", False),
        ('a b "c d"', False),
        ("a b -c", False),
        ("a b headline:c", False),
        ("a OR b OR c", False),
        ("", False),
    ],
)
def test_only_three_or_more_words_without_operators_can_be_relaxed(text, answer):
    assert can_relax(parse_query(text)) is answer


def test_relaxed_most_words_are_enough_in_whichever_text_each_stands():
    query = parse_query("old harbour bridge")
    assert query is not None

    fields = [*OWN.values(), *FOLDED.values()]
    most = {"query": "old harbour bridge", "fields": fields, "type": "cross_fields", "minimum_should_match": "-40%"}
    assert compile_relaxed(query, ("en",)) == in_english({"multi_match": most})


def test_the_largest_query_in_all_languages_is_no_larger_than_it_has_to_be():
    longest = " ".join("é" * 15 for _ in range(32))
    assert len(longest) <= LONGEST_QUERY

    assert len(orjson.dumps(compiled(longest, ("en", "fr", "other")))) < 64_000
    assert len(orjson.dumps(compiled(longest, (*ANALYSED_LANGUAGES, "other")))) < 768_000


@settings(deadline=None)
@given(TREES, st.sampled_from([("en",), ("en", "fr", "other"), (*ANALYSED_LANGUAGES, "other")]))
def test_every_query_can_be_asked(query, fields):
    body = compile_query(query, fields)

    assert len(orjson.dumps(body)) < 10_000 * len(fields)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=LONGEST_QUERY), NEARLY))
def test_whatever_can_be_read_can_be_asked(text):
    try:
        query = parse_query(text)
    except QueryError:
        return
    if query is not None:
        assert len(orjson.dumps(compile_query(query, ("en", "other")))) < 64_000
