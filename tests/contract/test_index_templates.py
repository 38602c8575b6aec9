"""The index templates: a field for every language, an analyzer for every field, a place for everything that the indexer writes.

That a real Elasticsearch takes them is shown by tests/integration/test_index_templates.py.
"""

import json
from dataclasses import replace

import pytest

from ops.cli.setup import build_template
from ops.local.dictionaries import DICTIONARIES
from services.indexer.core.documents import Action, build_action
from shared import indices
from shared.articles import ArticleEnriched, Entity
from shared.comments import CommentPosted
from shared.popularity import PopularityRanked
from tests.contract.golden import OF_TYPE

VARIANTS = ("builtin", "hunspell", "standard")
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


def analysis_of(variant):
    return build_template(indices.ARTICLES, variant, 1, 0)["template"]["settings"]["index"]["analysis"]


def analyzers_of(variant):
    return analysis_of(variant)["analyzer"]


def document_of(kind):
    action = build_action(OF_TYPE[kind].record())
    assert isinstance(action, Action)
    return action.alias, json.loads(action.source)


@pytest.mark.parametrize("alias", indices.ALIASES)
def test_a_mapping_is_strict_and_names_its_contract(alias):
    mapping = mapping_of(alias)

    assert mapping["dynamic"] == "strict"
    assert mapping["_meta"]["contract"].startswith("news.")


#: Where a highlight finds the places of words without analysing the text once more, which takes long with dictionaries.
MARKED = {"index_options": "offsets"}


@pytest.mark.parametrize("field", ["headline", "body", "description"])
def test_a_text_has_a_field_with_an_analyzer_for_each_language_and_one_for_all_others(field):
    fields = mapping_of(indices.ARTICLES)["properties"][field]["properties"]

    marked = MARKED if field in ("headline", "body") else {}
    copied = {"copy_to": ["words"]} if field == "headline" else {}
    assert fields == {language: {"type": "text", "analyzer": f"text_{language}", **marked, **copied} for language in LANGUAGES}


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_variants_define_exactly_the_analyzers_that_fields_use(variant):
    assert set(analyzers_of(variant)) == {f"text_{language}" for language in LANGUAGES}


def test_the_built_in_variant_takes_elasticsearch_s_own_analyzers():
    analyzers = analyzers_of("builtin")
    other = analyzers.pop("text_other")

    assert all(set(analyzer) == {"type"} and analyzer["type"] in BUILT_IN for analyzer in analyzers.values())
    assert other == {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}
    assert (analyzers["text_en"], analyzers["text_zh"]) == ({"type": "english"}, {"type": "cjk"})


def test_the_standard_variant_needs_no_module():
    assert {analyzer["type"] for analyzer in analyzers_of("standard").values()} == {"standard"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_defines_the_filters_that_its_analyzers_name_and_no_others(variant):
    named = {name for analyzer in analyzers_of(variant).values() for name in analyzer.get("filter", ())}

    assert named - {"lowercase", "asciifolding"} == set(analysis_of(variant).get("filter", {}))


def test_the_hunspell_variant_takes_dictionaries_that_are_fetched():
    locales = {one["locale"] for one in analysis_of("hunspell")["filter"].values() if one["type"] == "hunspell"}

    assert locales == set(DICTIONARIES)


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "ru", "tr"])
def test_the_hunspell_variant_drops_stop_words_before_it_stems(language):
    stop, *stems = [name for name in analyzers_of("hunspell")[f"text_{language}"]["filter"] if name != "lowercase"]

    assert stop == f"stop_{language}"
    assert stems
    assert all(name.startswith("stem_") for name in stems)


def test_turkish_is_stemmed_before_its_letters_are_made_small():
    """A capital I is the letter without a dot there: a lowercase filter does not know it, the dictionary does."""
    assert analyzers_of("hunspell")["text_tr"]["filter"] == ["stop_tr", "stem_tr_TR", "lowercase"]


def test_a_language_without_its_dictionary_is_analysed_as_standard_does():
    analysis = build_template(indices.ARTICLES, "hunspell", 1, 0, without={"en"})["template"]["settings"]["index"]["analysis"]

    assert analysis["analyzer"]["text_en"] == {"type": "standard"}
    assert analysis["analyzer"]["text_fr"] == analyzers_of("hunspell")["text_fr"]
    assert not {"stop_en", "stem_en_GB"} & set(analysis["filter"])


def test_every_field_of_an_article_is_mapped():
    own = {"status", "date", "entity_names", "extra", "date_retracted", "retraction_reason"}
    own |= {"folded", "words", "completions", "date_indexed", "views", "comments"}

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
    "kind",
    [
        "news.article.enriched.v1",
        "news.article.retracted.v1",
        "news.comment.posted.v1",
        "news.popularity.ranked.v1",
        "news.search.saved.v1",
        "news.search.matched.v1",
    ],
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
