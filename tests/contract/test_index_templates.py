"""The index templates: a field for every language, an analyzer for every field, a place for everything that the indexer writes.

That a real Elasticsearch takes them is shown by tests/integration/test_index_templates.py.
"""

import json
from dataclasses import replace

import pytest

from ops.cli.setup import build_template
from services.indexer.core.documents import Action, build_action
from shared import indices
from shared.articles import ArticleEnriched, Entity
from shared.comments import CommentPosted
from shared.popularity import PopularityRanked
from tests.contract.golden import OF_TYPE

VARIANTS = ("builtin", "standard")
LANGUAGES = (*indices.ANALYSED_LANGUAGES, indices.OTHER_LANGUAGE)
#: Elasticsearch's own, those of one language: https://www.elastic.co/docs/reference/text-analysis/analysis-lang-analyzer
BUILT_IN = {
    *("arabic", "armenian", "basque", "bengali", "brazilian", "bulgarian", "catalan", "cjk", "czech", "danish", "dutch", "english"),
    *("estonian", "finnish", "french", "galician", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian"),
    *("latvian", "lithuanian", "norwegian", "persian", "portuguese", "romanian", "russian", "serbian", "sorani", "spanish"),
    *("swedish", "thai", "turkish"),
}


def mapping_of(alias):
    return build_template(alias, "standard", 1, 0)["template"]["mappings"]


def analyzers_of(variant):
    return build_template(indices.ARTICLES, variant, 1, 0)["template"]["settings"]["index"]["analysis"]["analyzer"]


def document_of(kind):
    action = build_action(OF_TYPE[kind].record())
    assert isinstance(action, Action)
    return action.alias, json.loads(action.source)


@pytest.mark.parametrize("alias", indices.ALIASES)
def test_a_mapping_is_strict_and_names_its_contract(alias):
    mapping = mapping_of(alias)

    assert mapping["dynamic"] == "strict"
    assert mapping["_meta"]["contract"].startswith("news.")


@pytest.mark.parametrize("field", ["headline", "body", "description"])
def test_a_text_has_a_field_with_an_analyzer_for_each_language_and_one_for_all_others(field):
    fields = mapping_of(indices.ARTICLES)["properties"][field]["properties"]

    assert fields == {language: {"type": "text", "analyzer": f"text_{language}"} for language in LANGUAGES}


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_variants_define_exactly_the_analyzers_that_fields_use(variant):
    assert set(analyzers_of(variant)) == {f"text_{language}" for language in LANGUAGES}


def test_the_built_in_variant_takes_elasticsearch_s_own_analyzers():
    analyzers = analyzers_of("builtin")
    other = analyzers.pop("text_other")

    assert all(set(analyzer) == {"type"} and analyzer["type"] in BUILT_IN for analyzer in analyzers.values())
    assert other == {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}
    assert (analyzers["text_en"], analyzers["text_zh"]) == ({"type": "english"}, {"type": "cjk"})


def test_the_standard_variant_needs_no_module():
    assert {analyzer["type"] for analyzer in analyzers_of("standard").values()} == {"standard"}


def test_every_field_of_an_article_is_mapped():
    own = {"status", "date", "entity_names", "extra", "date_retracted", "retraction_reason"}

    assert set(mapping_of(indices.ARTICLES)["properties"]) == set(ArticleEnriched.model_fields) | own


def test_every_field_of_an_entity_is_mapped():
    assert set(mapping_of(indices.ARTICLES)["properties"]["entities"]["properties"]) == set(Entity.model_fields)


@pytest.mark.parametrize(
    ("alias", "model"),
    [(indices.COMMENTS, CommentPosted), (indices.MOST_POPULAR, PopularityRanked)],
    ids=["comments", "most-popular"],
)
def test_every_field_of_a_comment_and_a_list_is_mapped(alias, model):
    assert set(mapping_of(alias)["properties"]) == set(model.model_fields) | {"extra"}


@pytest.mark.parametrize(
    "kind", ["news.article.enriched.v1", "news.article.retracted.v1", "news.comment.posted.v1", "news.popularity.ranked.v1"]
)
def test_a_document_has_mapped_fields_only(kind):
    alias, document = document_of(kind)

    assert set(document) <= set(mapping_of(alias)["properties"])


def test_the_golden_article_has_every_field():
    """So what the tests of documents show holds for all of them."""
    assert set(OF_TYPE["news.article.enriched.v1"].value) == set(ArticleEnriched.model_fields)


@pytest.mark.parametrize("alias", indices.ALIASES)
def test_a_template_is_for_the_indices_of_its_alias_and_no_other(alias):
    (pattern,) = build_template(alias, "standard", 1, 0)["index_patterns"]

    prefix = pattern.removesuffix("*")
    assert indices.first_index(alias).startswith(prefix)
    assert not any(indices.first_index(other).startswith(prefix) for other in indices.ALIASES if other != alias)


def test_a_field_that_a_newer_version_added_is_stored_where_nothing_is_indexed():
    golden = OF_TYPE["news.article.enriched.v1"]

    action = build_action(replace(golden, value={**golden.value, "mood": "cheerful"}).record())

    assert isinstance(action, Action)
    assert json.loads(action.source)["extra"] == {"mood": "cheerful"}
    assert mapping_of(indices.ARTICLES)["properties"]["extra"] == {"type": "object", "enabled": False}
