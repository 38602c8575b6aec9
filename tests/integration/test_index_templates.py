"""The index templates on a real Elasticsearch: it takes them, and every document that the indexer makes of a golden record."""

import json
import uuid
from contextlib import contextmanager

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from ops.cli import analysis
from ops.cli.analysis import Analysis, build_analysis, choose_analysis, name_other_analysis
from ops.cli.mapping import is_mapped_otherwise, new_fields
from ops.cli.setup import build_template
from services.indexer.core.documents import Action, build_action
from shared import indices
from tests.contract.golden import OF_TYPE

DOCUMENTS = [
    (indices.ARTICLES, "news.article.enriched.v1"),
    (indices.ARTICLES, "news.article.retracted.v1"),
    (indices.COMMENTS, "news.comment.posted.v1"),
    (indices.MOST_POPULAR, "news.popularity.ranked.v1"),
    (indices.SAVED_SEARCHES, "news.search.saved.v1"),
    (indices.MATCHES, "news.search.matched.v1"),
]


@pytest.fixture(scope="module")
def elastic(engines):
    with Elasticsearch(engines.elasticsearch_url) as client:
        for alias in indices.ALIASES:
            template = build_template(alias, "standard", shards=1, replicas=0)
            client.indices.put_index_template(name=f"contract-{alias}", **template | {"index_patterns": [f"contract-{alias}"]})
            client.indices.create(index=f"contract-{alias}")
        yield client
        for alias in indices.ALIASES:
            client.indices.delete(index=f"contract-{alias}")
            client.indices.delete_index_template(name=f"contract-{alias}")


def document_of(kind):
    action = build_action(OF_TYPE[kind].record())
    assert isinstance(action, Action)
    return action


@pytest.mark.parametrize("alias", indices.ALIASES)
def test_the_mapping_is_taken_as_it_stands_in_the_file(elastic, alias):
    taken = elastic.indices.get_mapping(index=f"contract-{alias}")[f"contract-{alias}"]["mappings"]

    assert taken == build_template(alias, "standard", 1, 0)["template"]["mappings"]


@pytest.mark.parametrize(("alias", "kind"), DOCUMENTS, ids=[kind for _, kind in DOCUMENTS])
def test_the_document_of_a_golden_record_is_taken(elastic, alias, kind):
    action = document_of(kind)
    name = f"contract-{alias}"

    answer = elastic.index(
        index=name, id=f"{kind}-{action.id}", document=json.loads(action.source), version=action.version, version_type="external"
    )

    assert answer["result"] == "created"


def test_a_field_that_is_not_mapped_is_refused(elastic):
    document = json.loads(document_of("news.comment.posted.v1").source) | {"mood": "cheerful"}

    with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
        elastic.index(index=f"contract-{indices.COMMENTS}", document=document)


@pytest.mark.parametrize("language", [*indices.ANALYSED_LANGUAGES, indices.OTHER_LANGUAGE])
def test_text_of_each_language_can_be_searched(elastic, language):
    name = f"contract-{indices.ARTICLES}"
    tokens = elastic.indices.analyze(index=name, field=f"body.{language}", text="Harbour 2026")["tokens"]

    assert [token["token"] for token in tokens] == ["harbour", "2026"]


def put_index(elastic, name, variant, mapping=None):
    """An index of articles of its own, as a variant and an earlier version of the mapping have it."""
    template = build_template(indices.ARTICLES, variant, shards=1, replicas=0)["template"]
    elastic.indices.create(index=name, settings=template["settings"], mappings=mapping or template["mappings"])


@contextmanager
def an_index(elastic, variant, mapping=None):
    name = f"contract-{uuid.uuid4().hex}"
    elastic = elastic.options(request_timeout=120)
    put_index(elastic, name, variant, mapping)
    try:
        yield name
    finally:
        elastic.indices.delete(index=name)


def test_set_up_finds_out_that_the_embedded_elasticsearch_has_dictionaries(elastic):
    assert choose_analysis(elastic) == Analysis("hunspell")


def test_set_up_names_the_languages_that_lack_a_dictionary(elastic, monkeypatch):
    """In the file alone: the real node has them all."""
    asked = {**analysis.read_file("analysis-hunspell")}
    asked["filter"] = {**asked["filter"], "stem_tr_TR": {"type": "hunspell", "locale": "tr_XX"}}
    monkeypatch.setattr(analysis, "read_file", lambda _: asked)

    assert choose_analysis(elastic) == Analysis("hunspell", frozenset({"tr"}))


def test_set_up_is_content_without_any_dictionary(elastic, monkeypatch):
    asked = {**analysis.read_file("analysis-hunspell")}
    asked["filter"] = {name: {**one, "locale": "xx_XX"} if "locale" in one else one for name, one in asked["filter"].items()}
    monkeypatch.setattr(analysis, "read_file", lambda _: asked)

    assert choose_analysis(elastic) == Analysis("standard")


@pytest.mark.parametrize("variant", ["hunspell", "standard"])
def test_the_analysis_is_taken_and_given_back_as_it_stands_in_the_file(elastic, variant):
    with an_index(elastic, variant) as name:
        assert name_other_analysis(elastic, build_analysis(variant), alias=name) == []


def test_an_index_with_another_analysis_is_named(elastic):
    with an_index(elastic, "standard") as name:
        assert name_other_analysis(elastic, build_analysis("hunspell"), alias=name) == [name]


@pytest.mark.parametrize("variant", ["hunspell", "standard"])
def test_an_index_of_an_earlier_version_gets_the_fields_that_were_added(elastic, variant):
    mapping = build_template(indices.ARTICLES, variant, 1, 0)["template"]["mappings"]
    added = {"folded", "words", "completions", "date_indexed", "views", "comments"}
    earlier = {name: field for name, field in mapping["properties"].items() if name not in added}
    texts = {language: {"type": "text", "analyzer": f"text_{language}"} for language in mapping["properties"]["body"]["properties"]}
    earlier["headline"] = {"properties": texts}
    with an_index(elastic, variant, mapping | {"properties": earlier}) as name:
        elastic.indices.put_mapping(index=name, properties=new_fields(mapping["properties"], earlier))

        there = elastic.indices.get_mapping(index=name)[name]["mappings"]["properties"]
    assert new_fields(mapping["properties"], there) == {}
    assert is_mapped_otherwise(mapping["properties"], there)  # texts were without their offsets


def test_words_of_headlines_are_there_to_be_suggested(elastic):
    with an_index(elastic, "hunspell") as name:
        elastic.index(index=name, document={"headline": {"en": "Ministers resign"}}, refresh=True)
        suggest = {"typed": {"text": "minsters", "term": {"field": "words", "min_word_length": 3}}}

        (typed,) = elastic.search(index=name, suggest=suggest)["suggest"]["typed"]

    assert [option["text"] for option in typed["options"]] == ["ministers"]


def test_names_are_completed_whatever_their_case(elastic):
    with an_index(elastic, "hunspell") as name:
        elastic.index(index=name, document={"completions": [{"input": ["G20 summit"], "weight": 3}]}, refresh=True)
        suggest = {"typed": {"prefix": "g20 su", "completion": {"field": "completions"}}}

        (typed,) = elastic.search(index=name, suggest=suggest)["suggest"]["typed"]

    assert [option["text"] for option in typed["options"]] == ["G20 summit"]
