"""Highlights of the articles that are shown."""

from services.search.core import marking
from services.search.core.query_language import parse_query
from tests.unit.search.builders import a_document, an_answer

START, END = "\ue000", "\ue001"
QUERY = parse_query("brucke headline:hafen -zu")


def hits(*documents):
    return an_answer(*documents)["hits"]["hits"]


ENGLISH = a_document(article_id="a" * 32)
GERMAN = a_document(article_id="b" * 32, language="de", headline={"de": "Die Brücke"}, body={"de": "Am Hafen."})


def phrases(field, *texts):
    wanted = [{"match_phrase": {field: {"query": text}}} for text in texts]
    return wanted[0] if len(wanted) == 1 else {"bool": {"should": wanted, "minimum_should_match": 1}}


def test_only_the_articles_that_are_shown_are_looked_at_and_only_in_their_languages():
    body = marking.build_marks(QUERY, hits(ENGLISH, GERMAN))

    assert body["query"] == {"bool": {"filter": [{"terms": {"article_id": ["a" * 32, "b" * 32]}}]}}
    assert set(body["highlight"]["fields"]) == {"headline.de", "headline.en", "body.de", "body.en", "folded.body"}
    assert body["highlight"]["fields"]["headline.de"] == {
        "number_of_fragments": 0,
        "highlight_query": phrases("headline.de", "brucke", "hafen"),
    }
    assert body["highlight"]["fields"]["body.en"] == {
        "number_of_fragments": 2,
        "fragment_size": 160,
        "no_match_size": 220,
        "highlight_query": phrases("body.en", "brucke"),
    }


def test_without_words_the_texts_begin_and_nothing_is_marked():
    body = marking.build_marks(None, hits(ENGLISH))

    assert body["highlight"]["fields"] == {
        "headline.en": {"number_of_fragments": 0},
        "body.en": {"number_of_fragments": 2, "fragment_size": 160, "no_match_size": 220},
    }


def test_a_query_of_names_only_marks_nothing():
    fields = marking.build_marks(parse_query("section:World"), hits(ENGLISH))["highlight"]["fields"]

    assert fields["body.en"]["highlight_query"] == {"match_none": {}}


def test_the_text_is_read_where_a_word_is_marked_in_the_folded_text_only():
    marks = {
        "a": {"body.de": ["Am Hafen"], "folded.body": [f"{START}brucke{END}"]},
        "b": {"body.de": [f"{START}Brücke{END}"], "folded.body": [f"{START}brucke{END}"]},
        "c": {"body.de": ["Am Hafen"]},
        "d": {"folded.body": [f"{START}brucke{END}"]},
    }

    assert marking.find_unmarked(marks) == ["a", "d"]


def test_a_hit_has_what_elasticsearch_marked_and_what_is_written_in_another_way():
    marks = {"b" * 32: {"body.de": [f"{START}Hafen{END} und Brücke"]}}

    (hit,) = marking.add_marks(QUERY, hits(GERMAN), marks, {})

    assert hit["highlight"] == {
        "headline.de": [f"Die {START}Brücke{END}"],
        "body.de": [f"{START}Hafen{END} und {START}Brücke{END}"],
    }


def test_passages_are_cut_from_the_text_where_elasticsearch_could_mark_none():
    marks = {"b" * 32: {"body.de": ["Der Anfang."], "folded.body": ["x"]}}

    (hit,) = marking.add_marks(QUERY, hits(GERMAN), marks, {"b" * 32: "Der Anfang.\n\nDann die Brücke."})

    assert hit["highlight"]["body.de"] == [f"Dann die {START}Brücke{END}."]


def test_an_article_that_changed_meanwhile_is_shown_without_marks():
    (hit,) = marking.add_marks(parse_query("x"), hits(ENGLISH), {}, {})

    assert hit["highlight"] == {"headline.en": ["Harbour bridge reopens"], "body.en": []}
