"""Event -> bulk action."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.indexer.core.derived import fold_lines, stays_when_folded
from services.indexer.core.documents import Action, build_action, rebuild_document
from shared.articles import Entity, index_version
from shared.comments import CommentPosted
from shared.folding import fold
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


def lines_of(action, **fields):
    meta, source = b"".join(action.lines("2026-11-24T12:00:00.000Z", **fields)).splitlines()
    return json.loads(meta)["index"], json.loads(source)


def test_the_two_lines_of_a_bulk_body_ask_for_external_versions_and_an_alias_and_say_when_they_are_sent():
    action, document = built(a_record(an_enriched_article(revision=5)))

    meta, source = lines_of(action)

    assert meta == {
        "_index": "articles", "_id": ARTICLE_ID, "version": 5120, "version_type": "external", "require_alias": True,
    }  # fmt: skip
    assert source == {"date_indexed": "2026-11-24T12:00:00.000Z"} | document


def test_an_action_that_may_have_been_written_before_is_written_over():
    meta, _ = lines_of(built(a_record(an_enriched_article()))[0], again=True)

    assert meta["version_type"] == "external_gte"


def test_an_article_that_lives_in_an_older_index_is_written_there():
    meta, _ = lines_of(built(a_record(an_enriched_article()))[0], index="articles-000001")

    assert (meta["_index"], meta["require_alias"]) == ("articles-000001", False)


@given(st.text(min_size=1))
def test_any_id_stands_in_the_line_as_it_is(own_id):
    action = Action(("articles.enriched", 0, 0), "articles", own_id, 1, b'{"a":1}')

    assert lines_of(action)[0]["_id"] == own_id


def test_texts_stand_folded_beside_themselves_only_where_that_differs():
    _, document = built(a_record(an_enriched_article(headline="Zelenský in Oslo", body="Plain “text”, isn’t it?")))

    assert document["folded"] == {"headline": "Zelensky in Oslo"}


def test_an_article_that_folding_does_not_change_has_nothing_folded():
    _, document = built(a_record(an_enriched_article(headline="Bridge — “open” at last", body="It’s open…")))

    assert "folded" not in document


#: What is not folded, and what looks like it; the rest of Unicode.
PLAIN = st.sampled_from([*"ab O\n.,—“”…Жя中🙂", "’s", "’re ", "O’N ", "l’a", "’t ", "’x", "s’ ", "’", "ё"])
ODD = st.sampled_from([*"é ёñßø한ｶ'ʼ£\u0301\u200b\u00ad"]) | st.characters(exclude_categories=["Cs"])


@settings(max_examples=400)
@given(st.lists(PLAIN, max_size=8).map("".join) | st.lists(PLAIN | ODD, max_size=20).map("".join))
def test_what_is_not_folded_would_be_the_same_if_it_were_and_lines_fold_as_their_text_does(text):
    assert not stays_when_folded(text) or fold(text) == text
    assert fold_lines(text) == fold(text)


def test_names_and_keywords_are_offered_while_typing():
    entities = (
        Entity(type="PERSON", name="Ada Lund", count=2, salience=0.2),
        Entity(type="GPE", name="Oslo", count=1, salience=0.9),
    )

    _, document = built(a_record(an_enriched_article(entities=entities, keywords_found=("harbour", "Oslo"))))

    assert sorted(document["completions"]) == ["Ada Lund", "Oslo", "harbour"]


def test_of_many_entities_the_ten_that_an_article_is_about_most_are_offered():
    entities = tuple(Entity(type="ORG", name=f"Club {number}", count=1, salience=number / 20) for number in range(15))

    _, document = built(a_record(an_enriched_article(entities=entities)))

    assert sorted(document["completions"]) == sorted(f"Club {number}" for number in range(5, 15))
    assert len(document["entity_names"]) == 15


def test_a_name_that_the_engine_s_completions_refuse_is_not_offered():
    value = value_of(a_record(an_enriched_article())).replace(b'"entities":[]', b'"entities":[{"name":"a\\u001fb"},{"name":""}]')

    _, document = built(a_record(an_enriched_article(), value=value))

    assert "completions" not in document


def test_a_tombstone_offers_nothing():
    _, document = built(a_record(a_retraction()))

    assert not {"completions", "folded", "entity_names"} & document.keys()


class TestRebuilding:
    """`rebuild_document`: a document as this version makes it, from the one that stands in the index."""

    def test_a_document_of_this_version_stays_as_it_is(self):
        entities = (Entity(type="GPE", name="Kraków", count=2, salience=0.2),)
        _, document = built(a_record(an_enriched_article(headline="Kraków", language="pl", entities=entities)))

        assert rebuild_document(document) == document

    def test_texts_of_a_document_move_to_the_field_that_their_language_has_now(self):
        _, document = built(a_record(an_enriched_article(language="fr", headline="Le pont")))

        rebuilt = rebuild_document(document | {"headline": {"other": "Le pont"}})

        assert rebuilt["headline"] == {"fr": "Le pont"}

    def test_derived_fields_that_an_older_version_did_not_have_are_made(self):
        _, document = built(a_record(an_enriched_article(headline="Café", keywords_found=("coffee",))))
        old = {name: value for name, value in document.items() if name not in ("folded", "completions")}

        assert rebuild_document(old) == document

    def test_what_was_extra_and_has_a_field_now_gets_it(self):
        _, document = built(a_record(an_enriched_article()))
        old = {name: value for name, value in document.items() if name != "section"}

        rebuilt = rebuild_document(old | {"extra": {"section": "World", "mood": "cheerful"}})

        assert (rebuilt["section"], rebuilt["extra"]) == ("World", {"mood": "cheerful"})

    def test_counts_and_stamps_stay(self):
        _, document = built(a_record(an_enriched_article()))
        added = {"views": 1000, "comments": 3, "date_indexed": "2026-11-24T12:00:00.000Z"}

        assert rebuild_document(document | added) == document | added

    def test_a_tombstone_stays_as_it_is(self):
        _, document = built(a_record(a_retraction()))

        assert rebuild_document(document) == document


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
        *(
            (
                a_record(an_enriched_article(), value=b'{"article_id":"a","revision":1,"enrichment":0,' + wrong),
                DeadLetterCode.INVALID,
            )
            for wrong in (b'"entities":[1]}', b'"entities":3}', b'"entities":[{}]}', b'"keywords_found":3}')
        ),
        (a_record(an_enriched_article(), value=b'{"article_id":"\\ud800","revision":1,"enrichment":0}'), DeadLetterCode.NOT_JSON),
    ],
)
def test_what_cannot_be_a_document_is_a_dead_letter(record, code):
    reason = build_action(record)

    assert isinstance(reason, DeadLettered)
    assert reason.code is code
