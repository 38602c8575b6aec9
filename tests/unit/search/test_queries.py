"""Whole bodies of all that is asked but searches."""

from services.search.core import queries
from services.search.core.parameters import PopularFilters
from shared.popularity import Measure, Window
from tests.builders import ARTICLE_ID
from tests.unit.search.builders import an_article_to_show

PUBLISHED = {"term": {"status": "published"}}
BY_DATE = [{"date": "desc"}, {"article_id": "asc"}]
SUMMARY = [
    *("article_id", "revision", "headline", "description", "url", "authors", "publisher", "section", "language", "image_url"),
    *("date", "date_published", "date_modified", "date_retrieved", "story_id"),
]


def highlight(fragments):
    return {
        "pre_tags": ["\ue000"],
        "post_tags": ["\ue001"],
        "max_analyzed_offset": 100_000,
        "fields": {
            "headline.*": {"number_of_fragments": 0},
            "body.*": {"number_of_fragments": fragments, "fragment_size": 160, "no_match_size": 220},
        },
    }


def test_an_article_is_looked_up_by_its_newest_revision_tombstone_or_not():
    assert queries.build_article("abc") == {
        "query": {"bool": {"filter": {"term": {"article_id": "abc"}}}},
        "sort": [{"revision": "desc"}],
        "size": 1,
    }


def test_related_articles_share_words_or_entities_and_are_neither_the_article_itself_nor_of_its_story():
    entities = [{"type": "GPE", "name": "Tyre", "count": 1}, {"type": "PERSON", "name": "Imran Khan", "count": 3}]
    article = an_article_to_show(
        headline={"fr": "Le pont"},
        body={"fr": "Le pont du port."},
        language="fr",
        entities=entities,
        keywords_found=["port"],
        story_id="5" * 32,
    )

    assert queries.build_related(article, 6) == {
        "query": {
            "bool": {
                "should": [
                    {"term": {"entity_names": {"value": "Imran Khan", "boost": 2}}},
                    {"term": {"entity_names": {"value": "Tyre", "boost": 2}}},
                    {"term": {"keywords_found": "port"}},
                    {"multi_match": {"query": "Le pont port", "fields": ["headline.fr", "body.fr"], "boost": 0.5}},
                ],
                "minimum_should_match": 1,
                "filter": [PUBLISHED],
                "must_not": [{"term": {"article_id": ARTICLE_ID}}, {"term": {"story_id": "5" * 32}}],
            }
        },
        "size": 26,
        "track_total_hits": False,
        "_source": SUMMARY,
    }


def test_comments_come_newest_first_of_one_article_or_of_all():
    sort = [{"time": "desc"}, {"comment_id": "asc"}]

    assert queries.build_comments("abc", 21, (1, "c")) == {
        "query": {"bool": {"filter": [{"term": {"article_id": "abc"}}]}},
        "sort": sort,
        "size": 21,
        "track_total_hits": False,
        "search_after": [1, "c"],
    }
    assert queries.build_comments(None, 12, None) == {
        "query": {"bool": {"filter": []}},
        "sort": sort,
        "size": 12,
        "track_total_hits": False,
    }


def test_a_list_is_asked_for_in_all_its_parts():
    def missing_or(field, *others):
        return {"bool": {"should": [{"bool": {"must_not": {"exists": {"field": field}}}}, *others], "minimum_should_match": 1}}

    assert queries.build_lists(Measure.VIEWS, Window.DAY, ["g-2", "g-1"], 3) == {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"measure": "views"}},
                    {"term": {"window": "24h"}},
                    missing_or("group", {"terms": {"group": ["g-1", "g-2"]}}),
                    missing_or("fresh_days", {"range": {"fresh_days": {"gte": 3}}}),
                ]
            }
        },
        "size": 1000,
    }
    assert missing_or("fresh_days") in queries.build_lists(Measure.VIEWS, Window.DAY)["query"]["bool"]["filter"]


WORLD_IN_ENGLISH = PopularFilters(
    language=("en",), section=("World",), publisher=("Courier",), published_within_days=7, exclude=("c" * 32,)
)


def test_summaries_are_of_published_articles_that_pass_the_filters():
    assert queries.build_summaries(["a", "b"], WORLD_IN_ENGLISH) == {
        "query": {
            "bool": {
                "filter": [
                    PUBLISHED,
                    {"terms": {"article_id": ["a", "b"]}},
                    {"terms": {"language": ["en"]}},
                    {"terms": {"section": ["World"]}},
                    {"terms": {"publisher": ["Courier"]}},
                    {"range": {"date": {"gte": "now-7d"}}},
                    {"bool": {"must_not": {"terms": {"article_id": ["c" * 32]}}}},
                ]
            }
        },
        "size": 2,
        "track_total_hits": False,
        "_source": SUMMARY,
    }


def test_the_front_page_is_made_of_the_newest_published_articles():
    assert queries.build_latest() == {
        "query": {"bool": {"filter": [PUBLISHED]}},
        "sort": BY_DATE,
        "size": 80,
        "track_total_hits": False,
        "_source": SUMMARY,
        "highlight": highlight(1),
    }


def test_an_overview_counts_sections_and_languages_of_published_articles():
    assert queries.build_overview() == {
        "query": {"bool": {"filter": [PUBLISHED]}},
        "aggs": {
            "section": {"terms": {"field": "section", "size": 12}},
            "language": {"terms": {"field": "language", "size": 500}},
        },
        "size": 0,
        "track_total_hits": False,
    }
