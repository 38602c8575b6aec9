"""Event -> bulk action."""

import json

import pytest

from services.indexer.core.documents import Action, build_action
from shared.articles import Entity, index_version
from shared.comments import CommentPosted
from shared.outcomes import DeadLetterCode, DeadLettered, OutcomeName
from tests.builders import ARTICLE_ID, NOON, a_record, a_retraction, an_article, an_enriched_article, value_of

DEEP = b'{"article_id":"a","revision":1,"enrichment":0,"x":' + b"[" * 300 + b"]" * 300 + b"}"


def built(record):
    action = build_action(record)
    assert isinstance(action, Action)
    return action, json.loads(action.source)


def test_an_article_stands_at_the_version_of_its_revision_and_enrichment():
    action, _ = built(a_record(an_enriched_article(revision=5, enrichment=2)))

    assert (action.alias, action.id, action.version) == ("articles", ARTICLE_ID, 5 * 1024 + 2)


def test_text_stands_in_the_field_of_its_language():
    _, document = built(a_record(an_enriched_article(language="fr", headline="Le pont")))

    assert document["headline"] == {"fr": "Le pont"}
    assert list(document["body"]) == ["fr"]


@pytest.mark.parametrize(("language", "field"), [("nb", "no"), ("nn", "no"), ("xh", "other"), ("und", "other"), ("pt-BR", "pt")])
def test_languages_without_a_field_share_one(language, field):
    _, document = built(a_record(an_enriched_article(language=language)))

    assert list(document["headline"]) == [field]


def test_an_article_is_sorted_by_its_publication_or_else_by_when_it_was_retrieved():
    _, dated = built(a_record(an_enriched_article()))
    _, undated = built(a_record(an_enriched_article(date_published=None)))

    assert dated["date"] == "2026-11-24T12:00:00Z"
    assert undated["date"] == undated["date_retrieved"]


def test_names_of_entities_stand_flat_beside_them_for_filters():
    entities = (Entity(type="PERSON", name="Ada Lund", count=2), Entity(type="GPE", name="Oslo", count=1))

    _, document = built(a_record(an_enriched_article(entities=entities)))

    assert document["entity_names"] == ["Ada Lund", "Oslo"]


def test_what_a_newer_version_added_is_kept_but_not_indexed():
    record = a_record(an_enriched_article())

    _, document = built(a_record(an_enriched_article(), value=value_of(record)[:-1] + b',"mood":"cheerful"}'))

    assert document["extra"] == {"mood": "cheerful"}


def test_a_retraction_is_a_tombstone_above_every_enrichment_of_its_revision():
    action, document = built(a_record(a_retraction(revision=5)))

    assert action.version > index_version(5, 1022)
    assert action.version < index_version(6, 0)
    assert action.outcome is OutcomeName.RETRACTED
    assert document["status"] == "retracted"
    assert "headline" not in document


def test_a_comment_is_known_by_its_own_id():
    comment = CommentPosted(comment_id="c" * 32, article_id=ARTICLE_ID, revision=3, author="Ada", text="Well said.", time=NOON)

    action, document = built(a_record(comment, topic="comments.posted"))

    assert (action.alias, action.id, action.version) == ("comments", "c" * 32, 3)
    assert document["text"] == "Well said."


def test_the_two_lines_of_a_bulk_body_ask_for_external_versions_and_an_alias():
    action, _ = built(a_record(an_enriched_article(revision=5)))

    meta, source = action.lines()

    assert json.loads(meta)["index"] == {
        "_index": "articles", "_id": ARTICLE_ID, "version": 5120, "version_type": "external", "require_alias": True,
    }  # fmt: skip
    assert b"\n" not in source


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (a_record(headers=()), DeadLetterCode.HEADERS_MISSING),
        (a_record(an_article()), DeadLetterCode.SCHEMA_UNKNOWN),
        (a_record(an_enriched_article(), value=b"{"), DeadLetterCode.NOT_JSON),
        (a_record(an_enriched_article(), value=None), DeadLetterCode.NOT_JSON),
        (a_record(an_enriched_article(), value=b"[]"), DeadLetterCode.INVALID),
        (a_record(an_enriched_article(), value=DEEP), DeadLetterCode.INVALID),
        (a_record(an_enriched_article(), value=b'{"article_id":"a","revision":true,"enrichment":0}'), DeadLetterCode.INVALID),
        (a_record(an_enriched_article(), value=b'{"article_id":"a","revision":1,"enrichment":1024}'), DeadLetterCode.INVALID),
        (a_record(an_enriched_article(), value=b'{"article_id":"","revision":1,"enrichment":0}'), DeadLetterCode.INVALID),
        (
            a_record(an_enriched_article(), value=b'{"article_id":"a","revision":1,"enrichment":0,"entities":[1]}'),
            DeadLetterCode.INVALID,
        ),
    ],
)
def test_what_cannot_be_a_document_is_a_dead_letter(record, code):
    reason = build_action(record)

    assert isinstance(reason, DeadLettered)
    assert reason.code is code
