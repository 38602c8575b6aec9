"""The index templates on a real Elasticsearch: it takes them, and every document that the indexer makes of a golden record."""

import json

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from ops.cli.setup import analysis_variant, build_template
from services.indexer.core.documents import Action, build_action
from shared import indices
from tests.contract.golden import OF_TYPE

DOCUMENTS = [
    (indices.ARTICLES, "news.article.enriched.v1"),
    (indices.ARTICLES, "news.article.retracted.v1"),
    (indices.COMMENTS, "news.comment.posted.v1"),
    (indices.MOST_POPULAR, "news.popularity.ranked.v1"),
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


def test_set_up_finds_out_that_the_embedded_elasticsearch_has_no_language_analyzers(elastic):
    assert analysis_variant(elastic) == "standard"
