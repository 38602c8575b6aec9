"""Conditions of saved searches, as far as terms tell: yes, no, or only Elasticsearch can say."""

import json

import pytest

from services.indexer.core.analysed import parse_tokens
from services.indexer.core.candidates import Filed, find_anchor, texts_of
from services.indexer.core.conditions import MAYBE, NO, YES, ArticleTerms, Unknown, judge, parse_condition
from services.indexer.core.verifying import build_verification, for_languages, parse_verified
from tests.saving import a_saved_search

ARTICLE = ArticleTerms(
    own={"headline": frozenset({"harbour", "bridge"}), "body": frozenset({"the", "bridge", "open", "monday"})},
    names={"status": frozenset({"published"}), "section": frozenset({"World"})},
)


def analyse(text, _is_folded):
    """As an analyzer does that only drops "the"."""
    return tuple((word,) for word in text.lower().split() if word != "the")


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
        ('"harbour bridge"', MAYBE),
        ('"harbour tunnel"', NO),
        ('NOT "harbour bridge"', MAYBE),
        ('NOT "harbour tunnel"', YES),
        ('"harbour monday"', NO),
        ("headline:monday", NO),
        ("body:monday", YES),
        ("bridge the", YES),
        ("section:World", YES),
        ("section:world", MAYBE),
        ("section:Sport", NO),
        ("bridge date:2026", MAYBE),
        ("tunnel date:2026", NO),
    ],
)
def test_a_query_is_judged_by_the_terms_of_an_article(q, verdict):
    assert judge(condition_of(q), ARTICLE, analyse) == verdict


def test_filters_are_compared_as_they_stand():
    assert judge(condition_of("bridge", section=["Sport", "World"]), ARTICLE, analyse) == YES
    assert judge(condition_of("bridge", section=["Sport"]), ARTICLE, analyse) == NO


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
        {"token": "out", "start_offset": 9, "position": 102},
    ]

    assert parse_tokens(["😀", "going out", "the"], tokens) == {
        "😀": (("😀",),),
        "going out": (("go", "going"), ("out",)),
        "the": (),
    }


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
