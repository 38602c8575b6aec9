"""What docs/index-contract.md promises to those who query the index themselves: its examples, and what becomes of odd documents."""

import json
import re
import uuid

import pytest
from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from shared.articles import Entity
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName, Settled
from tests.builders import a_record, a_retraction, an_enriched_article, value_of
from tests.end_to_end.documents import ROOT

PAGE = (ROOT / "docs" / "index-contract.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```console\n(GET|POST) (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
INDEXED = Settled(OutcomeName.INDEXED)


def write(elastic, *records):
    actions = [action for record in records if isinstance(action := build_action(record), Action)]
    assert len(actions) == len(records)
    return BulkWriter(elastic).write(actions)


def record_of(body, offset=0, **changed):
    """A record in `articles.enriched`, whose value has fields as no event model would write them."""
    record = a_record(body, topic="articles.enriched", offset=offset)
    value = json.dumps({**json.loads(value_of(record)), **changed}).encode()
    return a_record(body, topic="articles.enriched", offset=offset, value=value)


@pytest.fixture(scope="module")
def elastic(engines):
    mention = {"field": "body", "start": 0, "end": 3}
    ids = [uuid.uuid4().hex for _ in range(2)]
    article = an_enriched_article(
        article_id=ids[0],
        story_id=uuid.uuid4().hex,
        entities=(
            Entity(type="GPE", name="Pakistan", count=1, salience=0.5, mentions=(mention,)),
            Entity(type="PERSON", name="Imran Khan", count=1, salience=0.2, mentions=(mention,)),
        ),
    )
    with Elasticsearch(engines.elasticsearch_url) as client:
        create_indices(client)
        write(client, record_of(article), record_of(a_retraction(article_id=ids[1]), 1))
        client.indices.refresh(index="articles")
        yield client
        for article_id in ids:
            client.delete(index="articles", id=article_id)


@pytest.fixture
def article_id(elastic):
    made = uuid.uuid4().hex
    yield made
    elastic.options(ignore_status=404).delete(index="articles", id=made)


def ask(elastic, method, path, body):
    answer = elastic.perform_request(
        method,
        f"/{path}",
        headers={"accept": "application/json", "content-type": "application/json"},
        body=json.loads(body or "{}"),
    )
    return answer.body


def found_something(answer):
    """Hits, buckets or options."""
    text = json.dumps(answer)
    return bool(answer["hits"]["hits"]) or '"doc_count":' in text.replace(" ", "") or '"options": [{' in text


@pytest.mark.parametrize(("method", "path", "body"), [example for example in EXAMPLES if example[0] == "GET"])
def test_an_example_finds_something(elastic, method, path, body):
    assert found_something(ask(elastic, method, path, body))


def test_the_people_beside_a_place_are_counted(elastic):
    (body,) = [body for _, _, body in EXAMPLES if "date_histogram" in body]

    counted = ask(elastic, "GET", "articles/_search", body)["aggregations"]

    assert "Imran Khan" in [bucket["key"] for bucket in counted["named"]["people"]["names"]["buckets"]]
    assert counted["days"]["buckets"]


def test_both_suggestions_suggest(elastic):
    (body,) = [body for _, _, body in EXAMPLES if "suggest" in body]

    suggested = ask(elastic, "GET", "articles/_search", body)["suggest"]

    assert "harbour" in [option["text"] for option in suggested["spelling"][0]["options"]]
    assert "Pakistan" in [option["text"] for option in suggested["names"][0]["options"]]


def test_a_point_in_time_is_opened(elastic):
    ((method, path, body),) = [example for example in EXAMPLES if example[0] == "POST"]

    opened = ask(elastic, method, path, body)

    assert elastic.close_point_in_time(id=opened["id"])["succeeded"]


def test_every_field_of_the_mapping_is_on_the_page():
    mapping = json.loads((ROOT / "schemas" / "elasticsearch" / "articles.json").read_text(encoding="utf-8"))

    assert [name for name in mapping["properties"] if not re.search(rf"`{name}[`.]", PAGE)] == ["status"]
    assert "`status: published`" in PAGE


def test_an_unknown_field_is_stored_whole_and_not_searched(elastic, article_id):
    assert write(elastic, record_of(an_enriched_article(article_id=article_id), mood={"tone": "calm"})) == [INDEXED]

    assert elastic.get(index="articles", id=article_id)["_source"]["extra"] == {"mood": {"tone": "calm"}}


def test_a_long_keyword_is_stored_whole_and_named_as_ignored(elastic, article_id):
    long = "é" * 20_000  # 40,000 bytes
    assert write(elastic, record_of(an_enriched_article(article_id=article_id), section=long, keywords=["short", long])) == [
        INDEXED
    ]
    elastic.indices.refresh(index="articles")

    (hit,) = elastic.search(index="articles", query={"term": {"article_id": article_id}})["hits"]["hits"]

    assert hit["_source"]["section"] == long
    assert sorted(hit["_ignored"]) == ["keywords", "section"]
    assert (
        elastic.count(
            index="articles", query={"bool": {"filter": [{"term": {"article_id": article_id}}, {"term": {"keywords": "short"}}]}}
        )["count"]
        == 1
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"word_count": "many"},
        {"date_published": "a while ago"},
        {"paywalled": "perhaps"},
        {"headline": {"text": "Harbour"}},
        {"story_id": "x" * 40_000},
        {"entities": [{"type": "GPE", "name": "Tyre", "count": 1, "mood": "calm"}]},
        {"entities": [{"type": "GPE", "name": f"Place {number}", "count": 1} for number in range(10_001)]},
    ],
    ids=[
        "text for a number",
        "no date",
        "no boolean",
        "object for a text",
        "40,000-byte id",
        "unknown field of an entity",
        "10,001 entities",
    ],
)
def test_what_the_index_refuses_is_a_dead_letter_and_its_neighbours_are_indexed(elastic, article_id, changed):
    before, after = (an_enriched_article(article_id=uuid.uuid4().hex) for _ in range(2))
    odd = record_of(an_enriched_article(article_id=article_id), 1, **changed)

    first, refused, last = write(elastic, record_of(before), odd, record_of(after, 2))

    assert (first, last) == (INDEXED, INDEXED)
    assert isinstance(refused, DeadLettered)
    assert refused.code is DeadLetterCode.REFUSED_BY_INDEX
    for article in (before, after):
        elastic.delete(index="articles", id=article.article_id)


def test_a_number_in_quotation_marks_is_the_number(elastic, article_id):
    assert write(elastic, record_of(an_enriched_article(article_id=article_id), word_count="250")) == [INDEXED]
