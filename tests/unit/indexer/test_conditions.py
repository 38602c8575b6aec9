"""Conditions of saved searches, as far as terms tell: yes, no, or only Elasticsearch can say."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indexer.core.analysed import parse_tokens
from services.indexer.core.candidates import Filed, find_anchor, texts_of
from services.indexer.core.condition_parsing import parse_condition
from services.indexer.core.conditions import MAYBE, NO, YES, ArticleTerms, Text, Unknown, judge
from services.indexer.core.verifying import build_verification, for_languages, parse_verified
from tests.saving import a_saved_search


def terms_of(text):
    """Each word with its positions; "the" is not indexed, but has a position."""
    words = text.lower().split()
    return {word: [n for n, each in enumerate(words) if each == word] for word in words if word != "the"}


ARTICLE = ArticleTerms(
    own={"headline": terms_of("Harbour bridge"), "body": terms_of("the bridge over the harbour open monday bridge over water")},
    names={"status": frozenset({"published"}), "section": frozenset({"World", "Kultur & Ärzte"})},
    date_seconds=datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC).timestamp(),
)


def analyse(text, _is_folded):
    """As an analyzer does that only drops "the"."""
    found = [(position, word) for position, word in enumerate(text.lower().split()) if word != "the"]
    return tuple((position - found[0][0], (word,)) for position, word in found)


def condition_of(q="", **filters):
    return parse_condition(json.loads(a_saved_search(q, **filters).condition))


@pytest.mark.parametrize(
    ("q", "verdict"),
    [
        ("bridge", YES),
        ("tunnel", NO),
        ("bridge monday", YES),
        ("bridge tunnel", NO),
        ("bridge OR tunnel", YES),
        ("bridge NOT tunnel", YES),
        ("bridge NOT monday", NO),
        ("NOT bridge", NO),
        ('"harbour bridge"', YES),
        ('"bridge harbour"', NO),
        ('"harbour tunnel"', NO),
        ('"bridge over water"', YES),
        ('"bridge over the harbour"', YES),
        ('"bridge over harbour"', NO),
        ('"the bridge over"', YES),
        ('"bridge over over"', NO),
        ('NOT "harbour bridge"', NO),
        ('NOT "bridge harbour"', YES),
        ('NOT "harbour tunnel"', YES),
        ('"harbour monday"', NO),
        ("headline:monday", NO),
        ("body:monday", YES),
        ("bridge the", YES),
        ("section:World", YES),
        ("section:world", YES),
        ('section:"kultur & ärzte"', MAYBE),
        ("section:Sport", NO),
        ("bridge date:2026", YES),
        ("bridge date:2026-11-24", YES),
        ("bridge date:>2026-11-24", NO),
        ("bridge date:<2026-11-24", NO),
        ("bridge date:..2026-11-24", YES),
        ("tunnel date:2026", NO),
    ],
)
def test_a_query_is_judged_by_the_terms_of_an_article(q, verdict):
    assert judge(condition_of(q), ARTICLE, analyse) == verdict


def test_filters_are_compared_as_they_stand():
    assert judge(condition_of("bridge", section=["Sport", "World"]), ARTICLE, analyse) == YES
    assert judge(condition_of("bridge", section=["Sport"]), ARTICLE, analyse) == NO


@pytest.mark.parametrize(
    ("filters", "verdict"),
    [
        ({"from": "2026-11-24T09:30:14Z"}, YES),
        ({"from": "2026-11-24T09:30:15Z"}, MAYBE),
        ({"from": "2026-11-24T09:30:16Z"}, NO),
        ({"to": "2026-11-24T10:30:16+01:00"}, YES),
        ({"to": "2026-11-24T10:30:15+01:00"}, MAYBE),
        ({"to": "2026-11-24T10:30:14+01:00"}, NO),
        ({"from": "2026-11-24", "to": "2026-11-24"}, YES),
        ({"to": "2026-11-23"}, NO),
    ],
)
def test_of_times_only_the_second_itself_is_left_to_elasticsearch(filters, verdict):
    assert judge(condition_of("bridge", **filters), ARTICLE, analyse) == verdict


def test_an_article_whose_date_is_not_known_is_left_to_elasticsearch_where_dates_matter():
    undated = ArticleTerms(ARTICLE.own, {}, ARTICLE.names)

    assert judge(condition_of("bridge date:2026"), undated, analyse) == MAYBE
    assert judge(condition_of("bridge"), undated, analyse) == YES


WORDS = st.lists(st.sampled_from(["a", "b", "the"]), min_size=1, max_size=6)


@given(WORDS, st.lists(st.sampled_from(["a", "b", "the"]), max_size=14))
def test_a_phrase_is_found_where_its_words_stand_in_a_row(phrase, text):
    """Words that are not indexed may be any word, but their places count; those at the ends do not."""
    asked = analyse(" ".join(phrase), _is_folded=False)
    article = ArticleTerms(own={"body": terms_of(" ".join(text))})
    while phrase and phrase[0] == "the":
        phrase = phrase[1:]
    while phrase and phrase[-1] == "the":
        phrase = phrase[:-1]
    rows = [text[first : first + len(phrase)] for first in range(len(text) - len(phrase) + 1)]
    in_a_row = any(all(own in ("the", there) for own, there in zip(phrase, row, strict=True)) for row in rows)

    found = judge(Text("", ("body",), (), NO), article, lambda _text, _is_folded: asked)

    assert found == (YES if phrase and in_a_row else NO)


def test_of_terms_that_may_stand_in_a_place_one_is_enough():
    asked = ((0, ("go", "going")), (1, ("out",)))
    text = Text("", ("body",), (), NO)

    for own, verdict in (("we go out", YES), ("going out", YES), ("go away out", NO), ("out go", NO)):
        article = ArticleTerms(own={"body": terms_of(own)})
        assert judge(text, article, lambda _text, _is_folded: asked) == verdict


@pytest.mark.parametrize(
    "bounds", [{"gt": "2026-11-24"}, {"gte": "now-1d"}, {"lte": "2026-11-24"}, {"gte": "2026-11-24", "format": "x"}, {"gte": 7}, {}]
)
def test_periods_that_are_not_understood_are_left_to_elasticsearch(bounds):
    assert parse_condition({"range": {"date": bounds}}) == Unknown()
    assert parse_condition({"range": {"word_count": bounds}}) == Unknown()


@pytest.mark.parametrize(
    "query", [None, [], {}, {"a": 1, "b": 2}, {"script": {}}, {"bool": 7}, {"bool": {"boost": 2}}, {"term": {}}]
)
def test_what_is_not_understood_is_left_to_elasticsearch(query):
    assert parse_condition(query) == Unknown()


def test_words_whose_terms_are_not_known_are_left_to_elasticsearch():
    assert judge(condition_of("bridge"), ARTICLE, lambda _text, _is_folded: None) == MAYBE


@pytest.mark.parametrize(
    ("q", "anchor"),
    [
        ("bridge reopened", {"reopened"}),
        ("bridge OR tunnel", {"bridge", "tunnel"}),
        ('"the old harbour"', {"harbour"}),
        ("bridge NOT lighthouse", {"bridge"}),
        ("NOT bridge", None),
        ("bridge OR NOT tunnel", None),
        ("section:World", None),
        ("date:2026", None),
    ],
)
def test_a_search_is_filed_under_terms_of_which_an_article_must_have_one(q, anchor):
    assert find_anchor(condition_of(q), analyse) == anchor


def test_only_searches_whose_anchor_an_article_has_are_candidates():
    filed = Filed()
    for search_id, q in (("a", "bridge"), ("b", "tunnel"), ("c", "NOT bridge"), ("d", "monday OR tunnel")):
        filed.file(search_id, find_anchor(condition_of(q), analyse))

    assert filed.find(ARTICLE) == {"a", "c", "d"}


def test_every_text_of_a_condition_is_to_be_analysed_in_both_spellings():
    assert set(texts_of(condition_of('bridge NOT "old tunnel"'))) == {
        (text, is_folded) for text in ("bridge", "old tunnel") for is_folded in (False, True)
    }


def test_terms_are_given_to_the_text_that_they_come_from_by_offsets_in_utf_16():
    tokens = [
        {"token": "😀", "start_offset": 0, "position": 0},
        {"token": "going", "start_offset": 3, "position": 101},
        {"token": "go", "start_offset": 3, "position": 101},
        {"token": "out", "start_offset": 9, "position": 104},
    ]

    assert parse_tokens(["😀", "going out", "the"], tokens) == {
        "😀": ((0, ("😀",)),),
        "going out": ((0, ("go", "going")), (3, ("out",))),
        "the": (),
    }


def test_a_term_that_stands_for_several_words_makes_its_text_one_that_only_elasticsearch_knows():
    tokens = [
        {"token": "wifi", "start_offset": 0, "position": 0, "positionLength": 2},
        {"token": "wi", "start_offset": 0, "position": 0},
        {"token": "fi", "start_offset": 3, "position": 1},
        {"token": "bridge", "start_offset": 6, "position": 101},
    ]

    assert parse_tokens(["wi fi", "bridge"], tokens) == {"wi fi": None, "bridge": ((0, ("bridge",)),)}


def test_a_condition_is_asked_for_each_language_as_a_whole():
    assert for_languages('{"f":"headline.%LANG%"}', ["en"]) == '{"f":"headline.en"}'
    asked = json.loads(for_languages('{"f":"headline.%LANG%"}', ["en", "fr"]))
    assert asked["bool"]["should"] == [{"f": "headline.en"}, {"f": "headline.fr"}]
    assert for_languages('{"f":"section"}', ["en", "fr"]) == '{"f":"section"}'


def test_a_verification_asks_all_conditions_of_the_articles_that_are_meant():
    body = json.loads(build_verification({"a": '{"match_all":{}}', "b": '{"match_none":{}}'}, ["en"], ["1", "2"]))

    assert body["query"] == {"ids": {"values": ["1", "2"]}}
    assert set(body["aggs"]["searches"]["filters"]["filters"]) == {"a", "b"}


def test_the_answer_names_pairs():
    buckets = {"a": {"articles": {"buckets": [{"key": "x"}, {"key": "y"}]}}}

    assert parse_verified({"aggregations": {"searches": {"buckets": buckets}}}) == [("a", "x"), ("a", "y")]
    assert parse_verified({}) == []
